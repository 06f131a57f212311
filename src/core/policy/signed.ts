/** A statement of the control plane with the signature of one of its keys over the statement's canonical JSON. */
export interface Signed<T> {
  readonly document: T;
  /** Id of the key. */
  readonly key: string;
  /** Ed25519, 128 lower-case hexadecimal digits. */
  readonly signature: string;
}

/** A public key under its id, which is made from it: nobody can choose the id of another key. */
export interface PublicKey {
  readonly id: string;
  /** Ed25519, 64 lower-case hexadecimal digits. */
  readonly publicKey: string;
}

/** "This key is ours as well", said with a key that is known already. `kind` keeps one sort of statement from passing for another. */
export interface KeyAnnouncement {
  readonly kind: 'key';
  readonly publicKey: string;
}

/** "Nothing that this key signs is ours any more." */
export interface KeyRetirement {
  readonly kind: 'key-retired';
  readonly key: string;
}

/** A signing key as agents hear of it. */
export interface AnnouncedKey extends PublicKey {
  /** Signed with an older key; `null`: with none, so only who trusts no key yet may take it. */
  readonly announcement: Signed<KeyAnnouncement> | null;
  /** `null` while it is in use. */
  readonly retirement: Signed<KeyRetirement> | null;
}

/** What is wrong with a signature. */
export type SignatureFault = 'unknown-key' | 'retired-key' | 'bad-signature';

/** Judges a signature by the keys that are trusted here; `null`: it is good. */
export type CheckSignature = (signed: Signed<unknown>) => SignatureFault | null;

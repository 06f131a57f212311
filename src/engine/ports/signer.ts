import type { PublicKey } from '../../core/policy/signed.ts';

/** Checks Ed25519 signatures. Pure: the same arguments give the same answer, and nothing makes it throw. */
export interface Verifier {
  /** `publicKey` and `signature` as in `core/policy/signed.ts`; anything else is not a signature, and `false`. */
  verify(publicKey: string, bytes: Uint8Array, signature: string): boolean;
  /** The id of a public key. */
  keyId(publicKey: string): string;
}

/** The control plane's signing keys. They are kept apart from the record: who can change the record can sign nothing with it. */
export interface Signer extends Verifier {
  /** The keys that can be signed with, in the order in which they were made. */
  readonly keys: readonly PublicKey[];
  /** Makes a key. It is durable when this resolves; rejects, and there is no new key, when it cannot be. */
  makeKey(): Promise<PublicKey>;
  /** The signature in hexadecimal. The same key and bytes give the same one. Throws when there is no such key. */
  sign(key: string, bytes: Uint8Array): string;
}

/** The keys cannot be read or written. `message` says what was wrong, where, and what to do. */
export class SignerError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SignerError';
  }
}

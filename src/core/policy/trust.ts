import type { AnnouncedKey, CheckSignature, PublicKey, Signed } from './signed.ts';

/** The keys that an agent goes by. A key that is retired stays retired, whatever is said later. */
export interface Trust {
  readonly keys: readonly PublicKey[];
  /** Ids. */
  readonly retired: readonly string[];
}

/** Ed25519, as the agent's engine provides it. */
export interface SignatureCheck {
  readonly verify: (publicKey: string, document: unknown, signature: string) => boolean;
  readonly keyId: (publicKey: string) => string;
}

export const NO_TRUST: Trust = { keys: [], retired: [] };

/**
 * What is trusted once these keys were heard of. Who trusts nothing yet takes what its first server has in use; from then on a key
 * is taken, and retired, only on the word of one that is trusted and not retired. The same trust is given back when nothing is new.
 */
export function learnKeys(trust: Trust, announced: readonly AnnouncedKey[], check: SignatureCheck): Trust {
  const genuine = announced.filter(({ id, publicKey }) => check.keyId(publicKey) === id);
  if (trust.keys.length === 0) {
    const keys = genuine.filter(({ retirement }) => retirement === null).map(bare);
    const retired = genuine.filter(({ retirement }) => retirement !== null).map(({ id }) => id);
    return keys.length === 0 ? trust : { keys, retired };
  }
  let present = trust;
  // A key may vouch for the next one, and that for a third: until nothing is new any more. A retirement is heard last, so that a key
  // which was replaced long ago still leads to the one that replaced it.
  for (let before: Trust | null = null; before !== present; ) {
    before = present;
    for (const key of genuine) present = learnKey(present, key, check);
  }
  for (const key of genuine) present = learnRetirement(present, key, check);
  return present;
}

/** Judges signatures by what is trusted. */
export function checkWith(trust: Trust, check: SignatureCheck): CheckSignature {
  return (signed) => {
    const key = trust.keys.find(({ id }) => id === signed.key);
    if (trust.retired.includes(signed.key)) return 'retired-key';
    if (key === undefined) return 'unknown-key';
    return check.verify(key.publicKey, signed.document, signed.signature) ? null : 'bad-signature';
  };
}

function learnKey(trust: Trust, key: AnnouncedKey, check: SignatureCheck): Trust {
  const { announcement } = key;
  if (announcement === null || announcement.document.publicKey !== key.publicKey) return trust;
  if (trust.keys.some(({ id }) => id === key.id) || announcement.document.kind !== 'key') return trust;
  return vouchedFor(trust, announcement, check) ? { ...trust, keys: [...trust.keys, bare(key)] } : trust;
}

function learnRetirement(trust: Trust, { id, retirement }: AnnouncedKey, check: SignatureCheck): Trust {
  if (retirement === null || trust.retired.includes(id)) return trust;
  const { document, key } = retirement;
  if (document.kind !== 'key-retired' || document.key !== id || key === id) return trust;
  return vouchedFor(trust, retirement, check) ? { ...trust, retired: [...trust.retired, id] } : trust;
}

function vouchedFor(trust: Trust, signed: Signed<unknown>, check: SignatureCheck): boolean {
  return checkWith(trust, check)(signed) === null;
}

function bare({ id, publicKey }: AnnouncedKey): PublicKey {
  return { id, publicKey };
}

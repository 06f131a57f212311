import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { Verifier } from '../../engine/ports/signer.ts';

/** What stands before the 32 bytes of a key in DER (RFC 8410): a private key in PKCS #8, a public one in SPKI. */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export const SEED_BYTES = 32;

export const ed25519: Verifier = {
  verify(publicKey, bytes, signature) {
    if (!/^[0-9a-f]{64}$/.test(publicKey) || !/^[0-9a-f]{128}$/.test(signature)) return false;
    try {
      return verify(null, bytes, publicKeyOf(publicKey), Buffer.from(signature, 'hex'));
    } catch {
      return false;
    }
  },
  keyId: (publicKey) => createHash('sha256').update(publicKey, 'hex').digest('hex').slice(0, 16),
};

/** A key that signs, from its seed: 32 secret bytes. */
export interface SigningKey {
  readonly id: string;
  readonly publicKey: string;
  sign(bytes: Uint8Array): string;
}

export function signingKey(seed: Uint8Array): SigningKey {
  const der = Buffer.concat([PRIVATE_PREFIX, seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key)
    .export({ format: 'der', type: 'spki' })
    .subarray(PUBLIC_PREFIX.length)
    .toString('hex');
  return { id: ed25519.keyId(publicKey), publicKey, sign: (bytes) => sign(null, bytes, key).toString('hex') };
}

function publicKeyOf(publicKey: string): KeyObject {
  const der = Buffer.concat([PUBLIC_PREFIX, Buffer.from(publicKey, 'hex')]);
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}

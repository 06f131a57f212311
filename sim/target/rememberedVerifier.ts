import { ed25519 } from '../../src/adapters/signing/ed25519.ts';
import type { Verifier } from '../../src/engine/ports/signer.ts';

const MOST = 2_000;

/**
 * The real signatures, each checked once: all agents of a run get the same documents, and get them again and again. Checking is
 * pure, so that remembering changes nothing but the time it takes.
 */
export function rememberedVerifier(): Verifier {
  const known = new Map<string, boolean>();
  return {
    keyId: (publicKey) => ed25519.keyId(publicKey),
    verify(publicKey, bytes, signature) {
      const key = `${publicKey}\n${signature}\n${Buffer.from(bytes).toString('latin1')}`;
      let genuine = known.get(key);
      if (genuine === undefined) {
        genuine = ed25519.verify(publicKey, bytes, signature);
        if (known.size >= MOST) known.clear();
        known.set(key, genuine);
      }
      return genuine;
    },
  };
}

import type { Entropy } from '../../engine/ports/entropy.ts';
import { type Signer, SignerError } from '../../engine/ports/signer.ts';
import { ed25519, SEED_BYTES, type SigningKey, signingKey } from './ed25519.ts';

/** Where the seeds of signing keys are kept. */
export interface KeyVault {
  /** In the order in which they were made. */
  load(): Promise<readonly Uint8Array[]>;
  /** Durable when it resolves. */
  keep(id: string, seed: Uint8Array): Promise<void>;
}

/** Opens the keys that a vault has. Rejects with a {@link SignerError}. */
export async function createSigner(vault: KeyVault, entropy: Entropy): Promise<Signer> {
  const keys: SigningKey[] = (await vault.load()).map(signingKey);
  return {
    ...ed25519,
    get keys() {
      return keys.map(({ id, publicKey }) => ({ id, publicKey }));
    },
    async makeKey() {
      const seed = entropy.bytes(SEED_BYTES);
      const made = signingKey(seed);
      await vault.keep(made.id, seed);
      keys.push(made);
      return { id: made.id, publicKey: made.publicKey };
    },
    sign(id, bytes) {
      const key = keys.find((each) => each.id === id);
      if (key === undefined) throw new SignerError(`there is no signing key ${id} here`);
      return key.sign(bytes);
    },
  };
}

import type { KeyVault } from '../createSigner.ts';

/** Keeps keys for as long as it lives: for tests, and for a server that is killed and started again within one process. */
export function memoryVault(): KeyVault {
  const seeds: Uint8Array[] = [];
  return {
    load: async () => [...seeds],
    async keep(_id, seed) {
      seeds.push(seed);
    },
  };
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckpointWitness } from '../../engine/ports/checkpointWitness.ts';
import { writeOwnFile } from './writeOwnFile.ts';

const NAME = 'last-checkpoint.json';

/** The newest checkpoint as a file beside the signing keys: whoever can write there could sign as well. */
export function checkpointFile(folder: string): CheckpointWitness {
  const path = join(folder, NAME);
  return {
    async load() {
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw new Error(`${path} cannot be read (${(error as Error).message}): mend that, and start the server again`);
      }
    },
    keep: (text) => writeOwnFile(folder, NAME, text),
  };
}

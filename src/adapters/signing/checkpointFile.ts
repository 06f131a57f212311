import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckpointWitness } from '../../engine/ports/checkpointWitness.ts';
import { asSignerError } from './keyFiles.ts';
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
        throw asSignerError(`cannot read ${path}: mend that, and start the server again`, error);
      }
    },
    async keep(text) {
      try {
        await writeOwnFile(folder, NAME, text);
      } catch (error) {
        throw asSignerError(`cannot keep the newest checkpoint in ${path}`, error);
      }
    },
  };
}

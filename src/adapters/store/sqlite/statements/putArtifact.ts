import type { DatabaseSync } from 'node:sqlite';
import type { Digest } from '../../../../core/kernel/digest.ts';

/** Keeps bytes under their digest. Already there: nothing is written, unless what is there was damaged; then it is mended. */
export function putArtifact(database: DatabaseSync): (digest: Digest, bytes: Uint8Array) => void {
  const statement = database.prepare(
    `INSERT INTO artifact (digest, bytes) VALUES (?, ?)
     ON CONFLICT (digest) DO UPDATE SET bytes = excluded.bytes WHERE artifact.bytes <> excluded.bytes`,
  );
  return (digest, bytes) => {
    statement.run(digest, bytes);
  };
}

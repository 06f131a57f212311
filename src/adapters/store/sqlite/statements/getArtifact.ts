import type { DatabaseSync } from 'node:sqlite';
import type { Digest } from '../../../../core/kernel/digest.ts';

/** The bytes kept under a digest, unchecked; `null` when there are none. */
export function getArtifact(database: DatabaseSync): (digest: Digest) => Uint8Array<ArrayBuffer> | null {
  const statement = database.prepare('SELECT bytes FROM artifact WHERE digest = ?');
  return (digest) => (statement.get(digest)?.bytes as Uint8Array<ArrayBuffer> | undefined) ?? null;
}

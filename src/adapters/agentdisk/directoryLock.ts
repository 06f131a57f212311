import { DatabaseSync } from 'node:sqlite';
import { AgentDiskError } from '../../engine/ports/agentDisk.ts';

/**
 * Locks a file for as long as this process lives or until the returned function is called. The lock is the operating system's:
 * it is gone with the process, however that ends. Node has no call for it, its SQLite does: an empty database, held exclusively,
 * in which nothing is ever stored. Works between processes and between agents of one process.
 */
export function lockFile(path: string, whose: string): () => void {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    const { errcode, message } = error as { readonly errcode?: number; readonly message: string };
    if (errcode === SQLITE_BUSY)
      throw new AgentDiskError(
        'locked',
        `another agent is running with ${whose}; stop it, or give this one another directory`,
      );
    throw new AgentDiskError('unavailable', `cannot lock ${path}: ${message}`, { cause: error });
  }
  const held = database;
  return () => held.close();
}

const SQLITE_BUSY = 5;

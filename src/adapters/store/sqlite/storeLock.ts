import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../../../engine/ports/store.ts';
import { isBusy, storeFault } from './storeFault.ts';

export interface StoreLock {
  release(): void;
}

/**
 * Makes this process the only one with the store in `directory` open. The lock is the kernel's: an SQLite transaction held
 * open on a database of its own that nothing is ever written to, so it ends with the process, however that ends. A lock that
 * only a process id in a file stood for would outlive its process, or be taken for another's.
 *
 * `ringfence.pid` beside it only tells a second process whom to name. Nothing is decided by it. It is another file because
 * closing any descriptor of a locked file would, by POSIX, drop the process's lock.
 */
export function takeStoreLock(directory: string): StoreLock {
  const lockFile = join(directory, 'ringfence.lock');
  const pidFile = join(directory, 'ringfence.pid');
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(lockFile, { timeout: 0 });
    // The journal in memory: locking writes nothing to the disk, so a full one does not prevent it.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock?.close();
    if (isBusy(error)) throw lockedError(directory, pidFile);
    const fault = storeFault(error, lockFile);
    if (fault instanceof StoreError && fault.fault === 'corrupt') {
      throw new StoreError('corrupt', `${lockFile} is not the empty file it should be. Delete it: it holds no data.`);
    }
    throw fault;
  }
  try {
    writeFileSync(pidFile, `${process.pid}\n`);
  } catch {
    // A full disk. The lock is held all the same; a second process will not be able to say by whom.
  }
  const held = lock;
  return {
    release() {
      // In this order: once the lock is free the file may be another process's.
      rmSync(pidFile, { force: true });
      held.close();
    },
  };
}

function lockedError(directory: string, pidFile: string): StoreError {
  const pid = livingHolder(pidFile);
  const [holder, remedy] =
    pid === null
      ? ['another process', 'End it first']
      : pid === process.pid
        ? [`this process (${pid}) already`, 'Close it there first']
        : [`process ${pid}`, `End it first (kill ${pid})`];
  return new StoreError(
    'locked',
    `${join(directory, 'ringfence.db')} is in use by ${holder}. ${remedy}, or choose another directory: two control planes never share one.`,
  );
}

/** The process named in the file, when it lives: a holder that was killed leaves its name behind. */
function livingHolder(pidFile: string): number | null {
  let pid: number;
  try {
    pid = Number(readFileSync(pidFile, 'utf8'));
  } catch {
    return null;
  }
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // EPERM: it lives, as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? pid : null;
  }
}

import { readFile, stat } from 'node:fs/promises';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { ReloadMaker } from './reload.ts';

/** Which process a pid file was seen to mean: the file as it was, and when that process had started, in ticks since the machine did. */
interface Seen {
  readonly file: string;
  readonly startedAt: string;
}

interface Found {
  readonly pid: number;
  /** In ticks since the machine was booted; `null` where the system does not say. */
  readonly startedAt: string | null;
}

/**
 * Sends a signal to the process whose id stands in the pid file. A process that is not there, or is a zombie, is an error. So is
 * one that started after the pid file was seen to mean another: the id was given away again, and the signal would hit a stranger.
 * (Known on Linux, and from the first look on; no clock is asked.)
 */
export const signalReload: ReloadMaker<'signal'> = ({ signal: name, pidFile }) => {
  let seen: Seen | null = null;

  async function find(): Promise<Result<Found, string>> {
    let text: string;
    let file: string;
    try {
      const { ino, mtimeMs, size } = await stat(pidFile);
      text = size > 64 ? '' : (await readFile(pidFile, 'utf8')).trim();
      file = `${ino} ${mtimeMs} ${text}`;
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      return err(
        `the pid file ${pidFile} ${missing ? 'is not there; is the service running?' : `cannot be read: ${(error as Error).message}`}`,
      );
    }
    const pid = /^[1-9][0-9]{0,9}$/.test(text) ? Number(text) : 0;
    if (pid <= 1 || pid === process.pid)
      return err(`the pid file ${pidFile} does not hold the id of a service's process`);
    try {
      process.kill(pid, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPERM')
        return err(`the agent may not signal process ${pid} of ${pidFile}`);
      return err(`the pid file ${pidFile} is stale: there is no process ${pid}; is the service running?`);
    }
    const about = await processOf(pid);
    if (about?.state === 'Z') return err(`the pid file ${pidFile} is stale: process ${pid} has ended`);
    if (about !== null) {
      if (seen?.file === file && seen.startedAt !== about.startedAt) {
        return err(
          `the pid file ${pidFile} is stale: process ${pid} is another one now than the one it was written for`,
        );
      }
      seen = { file, startedAt: about.startedAt };
    }
    return ok({ pid, startedAt: about?.startedAt ?? null });
  }

  return {
    async ready() {
      const found = await find();
      return found.ok ? ok(undefined) : found;
    },
    async process() {
      const found = await find();
      return found.ok && found.value.startedAt !== null ? `${found.value.pid} of ${found.value.startedAt}` : null;
    },
    async tell() {
      const found = await find();
      if (!found.ok) return found;
      try {
        process.kill(found.value.pid, name);
        return ok(undefined);
      } catch (error) {
        return err(`${name} could not be sent to process ${found.value.pid}: ${(error as Error).message}`);
      }
    },
  };
};

/** `null` where the system does not say. */
async function processOf(pid: number): Promise<{ readonly state: string; readonly startedAt: string } | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The program's name stands in parentheses and may itself hold anything; the fields after it are plain.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startedAt: fields[19] ?? '' };
  } catch {
    return null;
  }
}

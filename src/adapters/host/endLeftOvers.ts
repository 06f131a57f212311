import { readdir, readFile } from 'node:fs/promises';
import type { Clock } from '../../engine/ports/clock.ts';

/** What was killed is gone this soon, unless a disk holds it up: then it can do nothing more either. */
const GONE_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 10;

/**
 * Ends every process that was started with the variable, and all that they started, since an environment is handed on. What they start
 * meanwhile is found by looking again until nothing is left.
 */
export async function endLeftOvers(
  clock: Clock,
  { name, value }: { readonly name: string; readonly value: string },
): Promise<void> {
  const until = clock.monotonic() + GONE_WITHIN_MS;
  for (;;) {
    const left = await processesWith(`${name}=${value}`);
    if (left.length === 0 || clock.monotonic() > until) return;
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile, or is not ours to end.
      }
    }
    await new Promise<void>((resolve) => clock.after(LOOK_EVERY_MS, resolve));
  }
}

async function processesWith(variable: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch((): string[] => []))
    .filter((name) => /^[1-9][0-9]*$/.test(name))
    .map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      if (pid === process.pid) return [];
      // A zombie's is empty; those of other users cannot be read.
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      return environment.split('\0').includes(variable) ? [pid] : [];
    }),
  );
  return found.flat();
}

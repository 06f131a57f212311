import { Socket } from 'node:net';
import { basename } from 'node:path';
import { argsOf, parentOf } from './portOwner.ts';

const ANCESTOR_CHECK_MS = 500;
/** demo ← launcher ← shell ← npm, with one to spare. */
const MOST_ANCESTORS = 4;

/**
 * Calls back once when whoever started this process is gone: the launcher, whose pipe (RINGFENCE_LIFELINE_FD) closes, or the npm
 * above it, which may be killed without a word to anyone. Started without a launcher it never calls back.
 */
export function watchLifeline(env: Readonly<Record<string, string | undefined>>, onGone: (who: string) => void): void {
  const descriptor = Number(env.RINGFENCE_LIFELINE_FD ?? '');
  if (!env.RINGFENCE_LIFELINE_FD || !Number.isInteger(descriptor)) return;
  let gone = false;
  const tell = (who: string): void => {
    if (gone) return;
    gone = true;
    clearInterval(timer);
    onGone(who);
  };

  const ancestors = ancestorsUpToNpm(env);
  const timer = setInterval(() => {
    if (!ancestors.every(isAlive)) tell('the npm that started it');
  }, ANCESTOR_CHECK_MS);
  timer.unref();

  const pipe = new Socket({ fd: descriptor, readable: true, writable: false });
  pipe.on('error', () => {});
  pipe.on('close', () => tell('its launcher'));
  pipe.resume();
  pipe.unref();
}

/** The processes between this one and the npm that runs it; only the npm's death is not felt by the pipe. */
function ancestorsUpToNpm(env: Readonly<Record<string, string | undefined>>): readonly number[] {
  if (env.npm_lifecycle_event === undefined && env.npm_command === undefined) return [];
  const ancestors: number[] = [];
  for (let pid = parentOf(process.pid); pid !== null && pid > 1; pid = parentOf(pid)) {
    ancestors.push(pid);
    if (isNpm(argsOf(pid))) return ancestors;
    if (ancestors.length === MOST_ANCESTORS) break;
  }
  return [];
}

/** As npm calls itself (`npm start`, all in one), or as it was started (`node /usr/bin/npm start`). */
function isNpm([program = '', script = '']: readonly string[]): boolean {
  return /^np[mx](?:\s|$)/.test(program) || /^np[mx](?:-cli\.js)?$/.test(basename(script));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

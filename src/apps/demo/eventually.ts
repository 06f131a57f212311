import { setTimeout as wait } from 'node:timers/promises';

const LOOK_MS = 100;
/** Generous: a busy machine is slow, not broken. */
const WITHIN_MS = 60_000;

/** Asks again and again until there is an answer. Rejects when `ended` is aborted, or when none has come in time. */
export async function eventually<T>(
  what: string,
  ended: AbortSignal,
  ask: () => Promise<T | null> | T | null,
  withinMs: number = WITHIN_MS,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs / 1000} s`);
    await wait(LOOK_MS, undefined, { signal: ended });
  }
}

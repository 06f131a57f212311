import { setTimeout as wait } from 'node:timers/promises';

/** Asks again and again until the answer is something, and gives it back; rejects after `withinMs`, saying what was awaited. */
export async function eventually<T>(
  what: string,
  ask: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  withinMs = 20_000,
): Promise<T> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() > giveUpAt) throw new Error(`did not come about within ${withinMs} ms: ${what}`);
    await wait(10);
  }
}

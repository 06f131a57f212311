import { setTimeout as wait } from 'node:timers/promises';

/** Asks until the answer is neither `null`, `undefined` nor `false`, and gives it back; rejects after `withinMs`, saying what was awaited. */
export async function eventually<Value>(
  what: string,
  ask: () => Value | null | undefined | false | Promise<Value | null | undefined | false>,
  withinMs = 10_000,
): Promise<Value> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (performance.now() > giveUpAt) throw new Error(`did not come about within ${withinMs} ms: ${what}`);
    await wait(5);
  }
}

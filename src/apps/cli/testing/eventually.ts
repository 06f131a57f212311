import { setTimeout as wait } from 'node:timers/promises';

/** Waits until `look` finds something (not `null`, not `false`), at most half a minute; then says what was waited for. */
export async function eventually<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await wait(25);
  }
}

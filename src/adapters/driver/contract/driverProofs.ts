import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Content } from '../../../core/agent/slot.ts';
import { type Driver, DriverError, type Reading, type Revision } from '../../../engine/ports/driver.ts';
import type { KindPlace, MakePlace } from './kindPlace.ts';

/** What a kind of change does not do that it must: one sentence. */
export class NotProven extends Error {}

export interface Proof {
  readonly name: string;
  readonly prove: (make: MakePlace) => Promise<void>;
}

const SIGNAL = new AbortController().signal;

/** What every kind of change guarantees while nobody kills it; what it does when it is killed is shown by `deaths`. */
export const DRIVER_PROOFS: readonly Proof[] = [
  {
    name: 'prepare changes nothing that is in force',
    prove: inPlace(async (place) => {
      const before = await place.effect();
      const { driver, back, next } = await ready(place);
      await driver.prepare(next, back, SIGNAL);
      same('after prepare there is in force', await place.effect(), before);
      await driver.tidy(null, new Set([back.content]));
      same('after prepare and tidy there is in force', await place.effect(), before);
    }),
  },
  {
    name: 'law 6: undo(apply(x)) restores x, and so it does after going forward again',
    prove: inPlace(async (place) => {
      const before = await place.effect();
      const { back, next } = await ready(place);
      for (const round of ['first', 'second']) {
        await forward(place.driver(), next, back);
        const after = await place.effect();
        if (after === before) throw new NotProven(`the ${round} apply has no effect: it is still ${shown(before)}`);
        await place.driver().undo(back, next.content, SIGNAL, 'reload');
        same(`after the ${round} undo there is in force`, await place.effect(), before);
        same('what is read after it', (await place.driver().read(SIGNAL)).content, back.content);
      }
    }),
  },
  {
    name: 'law 5: undo restores x long after, with nothing left of what prepare had laid ready',
    prove: inPlace(async (place) => {
      const before = await place.effect();
      const { back, next } = await ready(place);
      await forward(place.driver(), next, back);
      await place.driver().tidy(null, new Set([back.content]));
      await place.driver().undo(back, next.content, SIGNAL, 'reload');
      same('after undo there is in force', await place.effect(), before);
    }),
  },
  {
    name: 'from one revision to the next and back to the first',
    prove: inPlace(async (place) => {
      const { back, next } = await ready(place);
      await forward(place.driver(), next, back);
      const atNext = await place.effect();
      const further = revisionOf(place.revisions[1]);
      await forward(place.driver(), further, await place.driver().read(SIGNAL));
      if ((await place.effect()) === atNext) throw new NotProven('the second revision has no effect');
      await place.driver().undo(next, further.content, SIGNAL, 'reload');
      same('after undo there is in force', await place.effect(), atNext);
    }),
  },
  {
    name: 'what it reads is what was applied, also after a restart of the agent',
    prove: inPlace(async (place) => {
      const { driver, back, next } = await ready(place);
      await forward(driver, next, back);
      for (const each of [driver, place.driver()])
        same('what is read', (await each.read(SIGNAL)).content, next.content);
    }),
  },
  {
    name: 'a second apply changes nothing',
    prove: inPlace(async (place) => {
      const { driver, back, next } = await ready(place);
      await forward(driver, next, back);
      const once = await place.effect();
      for (const each of [driver, place.driver()]) {
        await each.apply(next, back.content, SIGNAL);
        same('after a second apply there is in force', await place.effect(), once);
      }
      same('what is verified after it', typeof (await driver.verify(next, SIGNAL)), 'string');
    }),
  },
  {
    name: 'a second undo changes nothing',
    prove: inPlace(async (place) => {
      const before = await place.effect();
      const { driver, back, next } = await ready(place);
      await forward(driver, next, back);
      for (const each of [driver, driver, place.driver()]) {
        await each.undo(back, next.content, SIGNAL, 'reload');
        same('after undo there is in force', await place.effect(), before);
      }
    }),
  },
  {
    name: 'law 7: verify notices that nothing was applied',
    prove: inPlace(async (place) => {
      const { driver, back, next } = await ready(place);
      await driver.prepare(next, back, SIGNAL);
      await rejects('verify of what was never applied', () => driver.verify(next, SIGNAL), 'verify-failed');
    }),
  },
  {
    name: 'law 7: verify notices an apply that did not take, and it can still be undone',
    prove: inPlace(async (place) => {
      const before = await place.effect();
      const { driver, back, next } = await ready(place);
      await forward(driver, next, back);
      await place.spoil();
      await rejects('verify of what did not take', () => driver.verify(next, SIGNAL), 'verify-failed');
      await driver.undo(back, next.content, SIGNAL, 'restart');
      same('after undo there is in force', await place.effect(), before);
    }),
  },
  {
    name: 'what is not what it was expected to be is not overwritten',
    prove: inPlace(async (place) => {
      const before = await place.effect();
      const { driver, back, next } = await ready(place);
      await driver.prepare(next, back, SIGNAL);
      const other = revisionOf(place.revisions[1]).content;
      await rejects('apply over something else', () => driver.apply(next, other, SIGNAL), 'drifted');
      same('after that there is in force', await place.effect(), before);
    }),
  },
  {
    name: 'what is not a revision of this kind is refused before anything moves',
    prove: inPlace(async (place) => {
      const before = await place.effect();
      const { driver, back } = await ready(place);
      const nonsense = revisionOf(Buffer.from([0xff, 0xfe, 0x00, 0x7b]));
      try {
        await driver.prepare(nonsense, back, SIGNAL);
      } catch (error) {
        if (!(error instanceof DriverError))
          throw new NotProven(`prepare throws ${String(error)}, expected a DriverError`);
      }
      same('after it was prepared there is in force', await place.effect(), before);
    }),
  },
  {
    name: 'tidy leaves nothing behind',
    prove: inPlace(async (place) => {
      const { driver, back, next } = await ready(place);
      const before = (await place.litter()).join('\n');
      await forward(driver, next, back);
      await driver.undo(back, next.content, SIGNAL, 'reload');
      await driver.prepare(next, back, SIGNAL);
      await driver.tidy(null, new Set([back.content]));
      same('what lies about after it', (await place.litter()).join('\n'), before);
    }),
  },
];

/** Forward as the agent goes, and tidied as it does once that is confirmed. */
export async function forward(driver: Driver, next: Revision, back: Revision): Promise<void> {
  await driver.prepare(next, back, SIGNAL);
  await driver.apply(next, back.content, SIGNAL);
  await driver.verify(next, SIGNAL);
  await driver.tidy(back.content, new Set([back.content, next.content]));
}

/** What is there, as something to go back to, and what is to come. */
export async function ready(
  place: KindPlace,
): Promise<{ readonly driver: Driver; readonly back: Reading; readonly next: Revision }> {
  const driver = place.driver();
  return { driver, back: await driver.read(SIGNAL), next: revisionOf(place.revisions[0]) };
}

export function revisionOf(bytes: Uint8Array): Revision {
  const content: Content = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { content, bytes, attributes: null };
}

/** Runs something in a place that is gone afterwards. */
export function inPlace(prove: (place: KindPlace) => Promise<void>): Proof['prove'] {
  return async (make) => {
    const folder = await mkdtemp(join(tmpdir(), 'ringfence-kind-'));
    try {
      const place = await make(folder);
      await prove(place).finally(() => place.close());
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

export function same(what: string, found: string, expected: string): void {
  if (found !== expected) throw new NotProven(`${what} ${shown(found)}, expected ${shown(expected)}`);
}

async function rejects(what: string, act: () => Promise<unknown>, code: string): Promise<void> {
  const error = await act().then(
    () => null,
    (thrown: unknown) => thrown ?? new Error('nothing'),
  );
  if (error === null) throw new NotProven(`${what} succeeds, expected it to fail with ${code}`);
  if (!(error instanceof DriverError)) throw new NotProven(`${what} throws ${String(error)}, expected a DriverError`);
  same(`${what} fails with`, error.code, code);
}

function shown(text: string): string {
  return text.length > 300 ? `${JSON.stringify(text.slice(0, 300))}…` : JSON.stringify(text);
}

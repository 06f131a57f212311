import type { ChangeBody } from '../../src/wire/http/change.ts';
import type { Holding } from '../live/fleet.ts';

/** What a target holds in all its slots, under a letter and a tone of its own. */
export interface Revision {
  readonly letter: string;
  /** Of the palette: `baseline`, `unknown`, or a number from 0. */
  readonly tone: string;
  readonly name: string;
}

export const TONES = 6;

/**
 * What each of the holdings is called. Letters go by the age of the change among those given, so that they stay the same while a rollout
 * runs: A is the baseline (whatever the target held before Ringfence first changed it), later changes follow.
 */
export function revisionsOf(holdings: readonly Holding[], changes: readonly ChangeBody[]): readonly Revision[] {
  const oldestFirst = changes.toReversed();
  const ages = new Map<string, number>();
  for (const [age, { service, slots }] of oldestFirst.entries()) {
    for (const [slot, digest] of Object.entries(slots)) {
      const key = keyOf(service, slot, digest);
      if (!ages.has(key)) ages.set(key, age);
    }
  }
  const held = holdings.map((holding) => heldIn(holding, oldestFirst, ages));
  const inOrder = [...new Map(held.map((one) => [one.key, one])).values()].sort(
    (a, b) => a.age - b.age || (a.key < b.key ? -1 : 1),
  );
  const revisions = new Map<string, Revision>();
  let spare = changes.length;
  for (const { key, age, name } of inOrder) {
    const place = age === BASELINE ? 0 : age >= FOREIGN ? ++spare : age + 1;
    const tone = age === BASELINE ? 'baseline' : age === UNKNOWN ? 'unknown' : String((place - 1) % TONES);
    revisions.set(key, { letter: age === UNKNOWN ? '?' : lettersOf(place), tone, name });
  }
  return held.map(({ key }) => revisions.get(key) ?? { letter: '?', tone: 'unknown', name: 'unknown' });
}

const BASELINE = -1;
/** Something that no registered change put there. */
const FOREIGN = 1e6;
const UNKNOWN = 1e7;

interface Held {
  readonly key: string;
  readonly age: number;
  readonly name: string;
}

function heldIn(
  { service, slots: held }: Holding,
  oldestFirst: readonly ChangeBody[],
  ages: ReadonlyMap<string, number>,
): Held {
  const slots = Object.entries(held ?? {});
  const isUnknown = held === null || slots.some(([, { digest }]) => digest === null);
  if (isUnknown) return { key: 'unknown', age: UNKNOWN, name: 'unknown' };
  // Until a slot is first assigned there is nothing to report of it: the target holds what it always held.
  if (slots.length === 0) return { key: 'baseline', age: BASELINE, name: 'baseline' };
  const parts = slots.map(([slot, { digest, isBaseline }]) => {
    const age = ages.get(keyOf(service, slot, digest)) ?? -1;
    const change = oldestFirst[age];
    if (change !== undefined) return { key: change.digest, age, name: change.name };
    if (isBaseline) return { key: 'baseline', age: BASELINE, name: 'baseline' };
    return { key: `foreign ${digest}`, age: FOREIGN, name: 'something else' };
  });
  const [keys, names] = [new Set(parts.map(({ key }) => key)), new Set(parts.map(({ name }) => name))];
  return { key: [...keys].join('\n'), age: Math.max(...parts.map(({ age }) => age)), name: [...names].join(' + ') };
}

function keyOf(service: string, slot: string, digest: string | null): string {
  return `${service} ${slot} ${digest}`;
}

/** 0 to A, 25 to Z, 26 to AA. */
function lettersOf(place: number): string {
  const last = String.fromCharCode(65 + (place % 26));
  return place < 26 ? last : lettersOf(Math.floor(place / 26) - 1) + last;
}

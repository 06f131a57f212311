import type { ChangeBody } from '../src/wire/http/change.ts';
import type { TargetBody } from '../src/wire/http/target.ts';

/** What a target holds in all its slots, under a letter and a tone of its own among the targets of a service. */
export interface Revision {
  readonly letter: string;
  /** Of the palette: `baseline`, `unknown`, or a number from 0. */
  readonly tone: string;
  readonly name: string;
  /** Of the slot's bytes where there is one slot and one digest for all, else `null`. */
  readonly digest: string | null;
}

const TONES = 6;

/**
 * What each target holds, by uid. Letters go by the age of the change, so that they stay the same while a rollout runs: A is the
 * baseline (whatever the target held before Ringfence first changed it), later changes follow.
 */
export function revisionsOf(
  targets: readonly TargetBody[],
  changes: readonly ChangeBody[],
): ReadonlyMap<string, Revision> {
  const oldestFirst = changes.toReversed();
  const held = new Map(targets.map((target) => [target.uid, holding(target, oldestFirst)]));
  const kinds = new Map([...held.values()].map((holding) => [holding.key, holding]));
  const inOrder = [...kinds.values()].sort((a, b) => a.age - b.age || (a.key < b.key ? -1 : 1));
  const revisions = new Map<string, Revision>();
  let spare = changes.length;
  for (const { key, age, name, digest } of inOrder) {
    const place = age === BASELINE ? 0 : age === UNKNOWN || age === FOREIGN ? ++spare : age + 1;
    const tone = age === BASELINE ? 'baseline' : age === UNKNOWN ? 'unknown' : String((place - 1) % TONES);
    revisions.set(key, { letter: age === UNKNOWN ? '?' : lettersOf(place), tone, name, digest });
  }
  return new Map(
    [...held].flatMap(([uid, { key }]) => {
      const revision = revisions.get(key);
      return revision === undefined ? [] : [[uid, revision] as const];
    }),
  );
}

const BASELINE = -1;
/** Something that no registered change put there. */
const FOREIGN = 1e6;
const UNKNOWN = 1e7;

interface Holding {
  readonly key: string;
  readonly age: number;
  readonly name: string;
  readonly digest: string | null;
}

function holding({ report }: TargetBody, oldestFirst: readonly ChangeBody[]): Holding {
  if (report === null || report.slots.some(({ current }) => current === null)) {
    return { key: 'unknown', age: UNKNOWN, name: 'unknown', digest: null };
  }
  const { slots } = report;
  // Until a slot is first assigned there is nothing to report of it: the target holds what it always held.
  if (slots.length === 0) return { key: 'baseline', age: BASELINE, name: 'baseline', digest: null };
  const parts = slots.map(({ slot, current, baseline }) => {
    const age = oldestFirst.findIndex((change) => change.slots[slot] === current);
    const change = oldestFirst[age];
    if (change !== undefined) return { key: change.digest, age, name: change.name };
    if (current === baseline) return { key: 'baseline', age: BASELINE, name: 'baseline' };
    return { key: `foreign ${current}`, age: FOREIGN, name: 'something else' };
  });
  const names = [...new Set(parts.map(({ name }) => name))];
  const only = slots.length === 1 ? parts[0] : undefined;
  return {
    key: parts.map(({ key }) => key).join('\n'),
    age: Math.max(...parts.map(({ age }) => age)),
    name: names.join(' + '),
    digest: only === undefined || only.age === BASELINE ? null : (slots[0]?.current ?? null),
  };
}

/** 0 to A, 25 to Z, 26 to AA. */
function lettersOf(place: number): string {
  const last = String.fromCharCode(65 + (place % 26));
  return place < 26 ? last : lettersOf(Math.floor(place / 26) - 1) + last;
}

import type { UnstoredEvent } from '../../wire/storedEvent.ts';

/** Events for tests of the store: what they say does not matter to it. */
export function event(type: string, data: Readonly<Record<string, unknown>> = {}): UnstoredEvent {
  return { stream: 'rollout/shop-1', type, at: 1_700_000_000_000, actor: 'engine', data };
}

export function numbered(count: number, from = 0): readonly UnstoredEvent[] {
  return Array.from({ length: count }, (_, index) => event('Numbered', { n: from + index }));
}

/** Chance that is the same every time: whole numbers below a bound (mulberry32). */
export function seededChance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * below);
  };
}

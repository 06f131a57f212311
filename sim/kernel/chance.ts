/**
 * All chance of a simulation. The same seed gives the same numbers for ever; parts that draw from streams of their own (`fork`) do
 * not disturb each other, so that one more draw in one place leaves the rest of a run as it was.
 */
export class Chance {
  readonly #seed: number;
  #state: number;

  constructor(seed: number) {
    this.#seed = seed >>> 0;
    this.#state = this.#seed;
  }

  /** A number in [0, 1) (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  happens(probability: number): boolean {
    return this.next() < probability;
  }

  /** A number in [from, to). */
  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  /** A whole number from 0 to `below` - 1. */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.below(list.length)];
    if (picked === undefined) throw new Error('invariant broken: nothing to pick from');
    return picked;
  }

  /** Those of a list that happen to be taken; order is kept. */
  some<T>(list: readonly T[], probability: number): readonly T[] {
    return list.filter(() => this.happens(probability));
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }

  /** A stream of its own, named: draws from it do not move this one. */
  fork(name: string): Chance {
    let hash = this.#seed ^ 0x811c9dc5;
    for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return new Chance(hash ^ (hash >>> 13));
  }
}

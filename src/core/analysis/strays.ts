/**
 * Which of many targets stand out, and do so now: each has a sum of evidence that never falls below 0 (Page's CUSUM). Where a step is
 * evidence of which the mean is at most 1, the sum of steps since any one window ever reaches h with a probability of at most e^−h; so over
 * {@link WINDOWS} windows and all targets somebody is taken for a stray without being one with a probability of at most {@link RISK}.
 */
export class Strays {
  #nats: ReadonlyMap<string, number> = new Map();
  #outFor: ReadonlyMap<string, number> = new Map();

  /** What the sums would be after a step of each target, in nats. Those that are 0 are not in it; who made no step keeps his. */
  after(steps: Iterable<readonly [target: string, nats: number]>): ReadonlyMap<string, number> {
    const next = new Map(this.#nats);
    for (const [target, nats] of steps) {
      const sum = Math.min(MOST, (next.get(target) ?? 0) + nats);
      if (sum > 0) next.set(target, sum);
      else next.delete(target);
    }
    return next;
  }

  /** The window is over. Who has been `out` for {@link FOR_GOOD} windows is so for good, and begins anew: says who that is. */
  take(after: ReadonlyMap<string, number>, out: readonly string[] = []): readonly string[] {
    const since = new Map(out.map((target) => [target, (this.#outFor.get(target) ?? 0) + 1]));
    const pardoned = out.filter((target) => (since.get(target) ?? 0) > FOR_GOOD);
    for (const target of pardoned) since.delete(target);
    this.#outFor = since;
    this.#nats = pardoned.length === 0 ? after : new Map([...after].filter(([target]) => !pardoned.includes(target)));
    return pardoned;
  }

  /** Whether it was out in the last window. */
  isOut(target: string): boolean {
    return this.#outFor.has(target);
  }

  /** Without a sum a step that is no evidence changes nothing. */
  isQuiet(target: string): boolean {
    return !this.#nats.has(target);
  }
}

/** Those of `among` targets that stand out, the worst first; nobody where they are so many that it is rather the others that do. */
export function standingOut(sums: ReadonlyMap<string, number>, among: number): readonly string[] {
  const enough = Math.log((among * WINDOWS) / RISK);
  const found = [...sums].filter(([, nats]) => nats >= enough).sort(([, a], [, b]) => b - a);
  return found.length * 3 > among ? [] : found.map(([target]) => target);
}

const FOR_GOOD = 360;
/** A day and more, in windows of ten seconds. */
const WINDOWS = 10_000;
export const RISK = 0.001;
/** Nats that a single sum reaches by chance with a probability of at most {@link RISK}. */
export const ENOUGH_FOR_ONE = Math.log(WINDOWS / RISK);
/** So that who has recovered is soon seen to have. */
const MOST = 60;

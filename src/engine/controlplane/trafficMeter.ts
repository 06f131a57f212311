/** What was heard this long ago counts half: long enough for a rate to be steady, short enough to follow the day. */
const HALF_LIFE_MS = 20 * 60_000;

interface Heard {
  /** What was counted and over how long, both fading at the same pace: one by the other is the rate. */
  count: number;
  ms: number;
  at: number;
}

/** How fast each target counts, of one metric, from what it says anyway. Kept in memory only: after a restart it is learned anew. */
export class TrafficMeter {
  readonly #heard = new Map<string, Heard>();

  /** It counted so much more since it was last heard of. `now`: by a clock that never jumps. */
  count(uid: string, delta: number, now: number): void {
    const heard = this.#heard.get(uid);
    if (heard === undefined) {
      // Since when it had counted that is not known, so it says nothing of a rate.
      this.#heard.set(uid, { count: 0, ms: 0, at: now });
      return;
    }
    const passed = Math.max(0, now - heard.at);
    const faded = 2 ** (-passed / HALF_LIFE_MS);
    heard.count = heard.count * faded + delta;
    heard.ms = heard.ms * faded + passed;
    heard.at = now;
  }

  /** A second; `undefined` until it has been heard of twice. Of a target that is away: what it was. */
  rateOf(uid: string): number | undefined {
    const heard = this.#heard.get(uid);
    return heard === undefined || heard.ms === 0 ? undefined : (heard.count / heard.ms) * 1000;
  }

  forget(uid: string): void {
    this.#heard.delete(uid);
  }
}

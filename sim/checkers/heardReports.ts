import type { TargetReport } from '../../src/engine/ports/fleet.ts';
import type { Fact } from '../fact.ts';

/** The last that a server has heard of a target, which is all that it can decide on. */
export interface HeardReport {
  readonly report: TargetReport;
  readonly at: number;
  /** Since when one of its own checks has failed without a break, as far as the server knows; `null`: none does. */
  readonly sickSince: number | null;
}

/** Follows what each server hears. Who is lost to a server, or not yet heard of, is not in it. */
export class HeardReports {
  readonly #now: () => number;
  readonly #heard = new Map<string, HeardReport>();

  constructor(now: () => number) {
    this.#now = now;
  }

  take(fact: Fact): void {
    if (fact.kind === 'server') this.#heard.clear();
    if (fact.kind === 'lost') this.#heard.delete(`${fact.server} ${fact.uid}`);
    if (fact.kind !== 'reported') return;
    const key = `${fact.server} ${fact.uid}`;
    const isSick = fact.report.checks.some(({ healthy }) => !healthy);
    const sickSince = isSick ? (this.#heard.get(key)?.sickSince ?? this.#now()) : null;
    this.#heard.set(key, { report: fact.report, at: this.#now(), sickSince });
  }

  of(server: string, uid: string): HeardReport | null {
    return this.#heard.get(`${server} ${uid}`) ?? null;
  }
}

import { Heap } from '../kernel/heap.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Capacity } from '../topology/capacity.ts';
import type { Contribution } from './contribution.ts';
import { DomainBook, type DomainStanding } from './domainBook.ts';
import { FirstNamed } from './firstNamed.ts';
import type { FailedTarget, RefusedTargets, Tally } from './tally.ts';

/** How many names a tally carries, the first by name; beyond that it only counts. */
export const NAMED_TARGETS = 50;

interface Deadline {
  readonly at: Instant;
  readonly uid: string;
}

const NOTHING_COUNTED = {
  opened: 0,
  confirmed: 0,
  underway: 0,
  failed: 0,
  refused: 0,
  notBack: 0,
  kept: 0,
  untouched: 0,
  untouchedSick: 0,
  unsure: 0,
  targets: 0,
  moving: 0,
  slow: 0,
};

/**
 * Keeps the tally of one rollout by what each target adds to it: putting, replacing or taking back one target costs the same
 * however many there are, and so does reading the tally. The order in which targets are put in makes no difference.
 */
export class TallyBook {
  readonly #contributions = new Map<string, Contribution>();
  readonly #counts = { ...NOTHING_COUNTED };
  readonly #failed = new FirstNamed();
  readonly #notBack = new FirstNamed();
  readonly #absent = new Set<string>();
  readonly #waiting = new Set<string>();
  readonly #refused = new Map<string, FirstNamed>();
  readonly #slow = new FirstNamed();
  /** How many that are under way were ordered to move at each time. */
  readonly #ordered = new Map<Instant, number>();
  readonly #domains = new DomainBook();
  readonly #capacity: Capacity | null;
  /** Every finite `until`, perhaps twice, and some that do not hold any more; those go when they come up. */
  #deadlines = newDeadlines();
  #tally: Tally | null = null;

  /** `capacity`: the floor that its targets' domains are counted by. */
  constructor(capacity: Capacity | null = null) {
    this.#capacity = capacity;
  }

  /** What this target adds; `null`: nothing. */
  of(uid: string): Contribution | null {
    return this.#contributions.get(uid) ?? null;
  }

  /** How many more targets of a domain may become unavailable. */
  roomIn(key: string): number {
    return this.#capacity === null ? Number.POSITIVE_INFINITY : this.#domains.room(this.#capacity, key);
  }

  domain(key: string): DomainStanding | null {
    return this.#capacity && this.#domains.standing(this.#capacity, key, (uid) => this.#contributionOf(uid).name);
  }

  /** What this target adds now, in place of what it added before. */
  put(uid: string, contribution: Contribution): void {
    const before = this.#contributions.get(uid);
    if (before !== undefined) this.#count(uid, before, -1);
    this.#contributions.set(uid, contribution);
    this.#count(uid, contribution, 1);
    if (contribution.until === Number.POSITIVE_INFINITY || contribution.until === before?.until) return;
    this.#deadlines.push({ at: contribution.until, uid });
    if (this.#deadlines.size > 2 * this.#contributions.size + 64) this.#rebuildDeadlines();
  }

  /** The target adds nothing any more. */
  takeBack(uid: string): void {
    const before = this.#contributions.get(uid);
    if (before === undefined) return;
    this.#count(uid, before, -1);
    this.#contributions.delete(uid);
  }

  /** Takes out the targets whose contribution was true only before `now` or an earlier time. Each has to be put in anew. */
  due(now: Instant): readonly string[] {
    const found: string[] = [];
    for (let next = this.#deadlines.first; next !== undefined && next.at <= now; next = this.#deadlines.first) {
      this.#deadlines.pop();
      if (this.#contributions.get(next.uid)?.until !== next.at) continue;
      this.takeBack(next.uid);
      found.push(next.uid);
    }
    return found;
  }

  /** Uids of those that are absent. */
  get absent(): Iterable<string> {
    return this.#absent.keys();
  }

  /** Uids of those that are waiting, as they are now. */
  get waiting(): readonly string[] {
    return [...this.#waiting];
  }

  get tally(): Tally {
    this.#tally ??= {
      ...this.#counts,
      failures: this.#failed.first(NAMED_TARGETS).map((uid) => this.#failureOf(uid)),
      refusals: this.#refusals(),
      notBackNames: this.#notBack.first(NAMED_TARGETS).map((uid) => this.#contributionOf(uid).name),
      absent: this.#absent.size,
      slowNames: this.#slow.first(NAMED_TARGETS).map((uid) => this.#contributionOf(uid).name),
      ordered: [...this.#ordered].sort(([a], [b]) => a - b).map(([at, targets]) => ({ at, targets })),
      domains: this.#capacity ? this.#domains.tightest(this.#capacity, (uid) => this.#contributionOf(uid).name) : [],
    };
    return this.#tally;
  }

  #count(uid: string, one: Contribution, sign: 1 | -1): void {
    this.#tally = null;
    const counts = this.#counts;
    counts.targets += sign;
    if (one.opened) counts.opened += sign;
    if (one.confirmed) counts.confirmed += sign;
    if (one.underway) counts.underway += sign;
    if (one.unsure) counts.unsure += sign;
    if (one.untouched) counts.untouched += sign;
    if (one.untouchedSick) counts.untouchedSick += sign;
    if (one.moving) counts.moving += sign;
    if (one.slow) {
      counts.slow += sign;
      this.#name(this.#slow, uid, one, sign);
    }
    if (one.orderedAt !== null) {
      const ordered = (this.#ordered.get(one.orderedAt) ?? 0) + sign;
      if (ordered === 0) this.#ordered.delete(one.orderedAt);
      else this.#ordered.set(one.orderedAt, ordered);
    }
    if (one.domain !== null) this.#domains.count(uid, one.name, one.domain, one.unavailable, sign);
    if (one.kept) counts.kept += sign;
    if (one.notBack) {
      counts.notBack += sign;
      this.#name(this.#notBack, uid, one, sign);
    }
    if (one.failure !== null) {
      counts.failed += sign;
      this.#name(this.#failed, uid, one, sign);
    }
    if (one.refusal !== null) {
      counts.refused += sign;
      const { code } = one.refusal;
      const refused = this.#refused.get(code) ?? new FirstNamed();
      this.#name(refused, uid, one, sign);
      if (refused.size === 0) this.#refused.delete(code);
      else this.#refused.set(code, refused);
    }
    if (one.waiting) this.#keep(this.#waiting, uid, sign);
    if (one.absent) this.#keep(this.#absent, uid, sign);
  }

  #keep(uids: Set<string>, uid: string, sign: 1 | -1): void {
    if (sign === 1) uids.add(uid);
    else uids.delete(uid);
  }

  #name(named: FirstNamed, uid: string, { name }: Contribution, sign: 1 | -1): void {
    if (sign === 1) named.add(uid, name);
    else named.delete(uid);
  }

  #failureOf(uid: string): FailedTarget {
    const { name, failure } = this.#contributionOf(uid);
    if (failure === null) throw new Error(`invariant broken: ${name} is named among the failed, and has not failed`);
    return { target: name, code: failure.code, says: failure.says };
  }

  #refusals(): readonly RefusedTargets[] {
    const refusals = [...this.#refused].flatMap(([code, refused]) =>
      refused.first(1).map((uid) => {
        const { name, refusal } = this.#contributionOf(uid);
        return { code, count: refused.size, target: name, says: refusal?.says ?? '' };
      }),
    );
    return refusals.sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
  }

  #contributionOf(uid: string): Contribution {
    const contribution = this.#contributions.get(uid);
    if (contribution === undefined) throw new Error(`invariant broken: target ${uid} is named, and adds nothing`);
    return contribution;
  }

  #rebuildDeadlines(): void {
    this.#deadlines = newDeadlines();
    for (const [uid, { until }] of this.#contributions)
      if (until !== Number.POSITIVE_INFINITY) this.#deadlines.push({ at: until, uid });
  }
}

function newDeadlines(): Heap<Deadline> {
  return new Heap((a, b) => a.at < b.at);
}

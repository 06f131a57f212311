import type { Digest } from '../../core/kernel/digest.ts';
import type { DurationMs, Instant } from '../../core/kernel/instant.ts';
import { type Contact, contactAtOpening } from '../../core/rollout/absence.ts';
import { affectedBy } from '../../core/rollout/affectedBy.ts';
import type { Opening } from '../../core/rollout/assignment.ts';
import { contributionOf, isSameBasis, type TallyBasis, tallyBasisOf } from '../../core/rollout/contribution.ts';
import type { Ahead, AheadNow, Reachable } from '../../core/rollout/openAhead.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import type { Standing, Tally } from '../../core/rollout/tally.ts';
import { TallyBook } from '../../core/rollout/tallyBook.ts';
import { widenedBy } from '../../core/rollout/widenedBy.ts';
import type { Capacity } from '../../core/topology/capacity.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { Target } from '../../core/topology/target.ts';
import { StepPlanner } from './stepPlanner.ts';

/** Where targets are and how they stand. */
export interface Standings {
  /** All targets of a service, as they are when this is called; they may come, go and change while it is gone through. */
  readonly targets: (service: string) => Iterator<Target>;
  /** `null`: there is no such target. */
  readonly of: (uid: string) => Standing | null;
}

/**
 * The tally of one rollout, kept up to date: what is heard of one target changes what that target adds, and nothing else is looked
 * at again. Only when the rollout orders something else are those counted anew whom that may concern, and all of them when the clock
 * goes back; that is cut into pieces, so that a large fleet holds nobody up.
 */
export class LiveTally {
  readonly service: string;
  readonly #standings: Standings;
  readonly #lastKnownGood: (role: string, slot: SlotName) => Digest | null;
  readonly #capacity: () => Capacity | null;
  readonly #steps: StepPlanner;
  #basis: TallyBasis;
  #book: TallyBook;
  /** The targets that are still to be looked at, and who of them is to be counted; `null` when all are. */
  #uncounted: { readonly targets: Iterator<Target>; readonly counts: (target: Target) => boolean } | null;
  #now: Instant;
  /** The newest tally of all targets; `null` before the first one. */
  #whole: Tally | null = null;

  constructor(
    rollout: Rollout,
    standings: Standings,
    lastKnownGood: (role: string, slot: SlotName) => Digest | null,
    now: Instant,
    capacity: () => Capacity | null = () => null,
  ) {
    this.service = rollout.change.service;
    this.#capacity = capacity;
    this.#steps = new StepPlanner(rollout, () => this.#targets());
    this.#standings = standings;
    this.#lastKnownGood = lastKnownGood;
    this.#basis = tallyBasisOf(rollout, lastKnownGood, capacity());
    this.#book = new TallyBook(this.#basis.capacity);
    this.#now = now;
    this.#uncounted = { targets: standings.targets(this.service), counts: everyone };
  }

  /**
   * Takes up what the rollout orders now. What it costs does not grow with the fleet: a step that a wave or the way back goes on by
   * is counted at once, as are the few who are under way when a bake begins; everybody else whom it concerns is left to `countOn`.
   */
  follow(rollout: Rollout, now: Instant): void {
    const basis = tallyBasisOf(rollout, this.#lastKnownGood, this.#capacity());
    if (isSameBasis(this.#basis, basis)) return;
    this.#keepWhole(now);
    const before = this.#basis;
    this.#basis = basis;
    if (this.#uncounted === null) this.#countAffected(before);
    else this.#beginAnew();
  }

  #countAffected(before: TallyBasis): void {
    const basis = this.#basis;
    const stretch = widenedBy(before, basis);
    if (stretch !== null && this.#steps.isInOrder(stretch)) {
      for (const uid of this.#steps.between(stretch)) this.#count(uid);
      return;
    }
    const affected = affectedBy(before, basis);
    const targets = this.#standings.targets(this.service);
    if (affected.who === 'everyone') this.#beginAnew();
    else if (affected.who === 'opened') this.#uncounted = { targets, counts: affected.isOpened };
    else for (const uid of this.#book.waiting) this.#count(uid);
  }

  /** How far the part ahead can be opened now; nowhere while targets are still to be counted. */
  aheadNow(ahead: Ahead, concurrency: number, now: Instant): AheadNow {
    this.#keepWhole(now);
    if (this.#uncounted !== null)
      return { ...ahead, border: { below: ahead.from, targets: 0, stop: { kind: 'enough' } }, full: null };
    return this.#steps.aheadNow(ahead, this.#book, concurrency);
  }

  /** How far the way back can go now, from where it has come to. */
  backNow(from: number, concurrency: number, now: Instant): Reachable {
    this.#keepWhole(now);
    if (this.#uncounted !== null)
      return { from, border: { below: from, targets: 0, stop: { kind: 'enough' } }, full: null };
    return this.#steps.backNow(from, this.#book, concurrency);
  }

  /** How long the last applies took, of targets that were ordered since then. */
  latenciesMs(since: Instant): readonly DurationMs[] {
    return this.#steps.latenciesMs(since);
  }

  /** Something was heard of a target, or it is new, or gone. */
  heard(uid: string, now: Instant): void {
    this.#goOn(now);
    this.#count(uid);
  }

  /** Counts at most so many of the targets that are still to be counted. True: none is left, and the tally is whole. */
  countOn(most: number, now: Instant): boolean {
    this.#goOn(now);
    for (let counted = 0; this.#uncounted !== null && counted < most; counted++) {
      const { done, value } = this.#uncounted.targets.next();
      if (done === true) this.#uncounted = null;
      else if (this.#uncounted.counts(value)) this.#count(value.uid);
    }
    return this.#uncounted === null;
  }

  /** The tally at this moment; while targets are counted anew the one of the moment before, which there must have been then. */
  tally(now: Instant): Tally {
    this.#keepWhole(now);
    if (this.#whole === null) throw new Error('invariant broken: a tally is asked for before the first is whole');
    return this.#whole;
  }

  /** Who of a part that would be opened now is not there. */
  contact(opening: Opening): Contact {
    const { rollout: id, absent } = this.#basis;
    return contactAtOpening({ id, absent }, opening, this.#book.absent, (uid) => this.#standings.of(uid));
  }

  get hasTally(): boolean {
    return this.#whole !== null || this.#uncounted === null;
  }

  #keepWhole(now: Instant): void {
    this.#goOn(now);
    if (this.#uncounted !== null) return;
    for (const uid of this.#book.due(now)) this.#count(uid);
    this.#whole = this.#book.tally;
  }

  /** What was counted holds from then on; were the clock to go back, some of it might not. */
  #goOn(now: Instant): void {
    const wentBack = now < this.#now;
    this.#now = now;
    if (wentBack) this.#beginAnew();
  }

  #beginAnew(): void {
    this.#book = new TallyBook(this.#basis.capacity);
    this.#uncounted = { targets: this.#standings.targets(this.service), counts: everyone };
  }

  #count(uid: string): void {
    const standing = this.#standings.of(uid);
    const contribution = standing === null ? null : contributionOf(this.#basis, standing, this.#now);
    if (standing === null) this.#steps.gone(uid);
    else this.#steps.known(standing.target);
    if (contribution === null) this.#book.takeBack(uid);
    else {
      this.#steps.changed(this.#book.of(uid), contribution, this.#now);
      this.#book.put(uid, contribution);
    }
  }

  *#targets(): Iterable<Target> {
    const targets = this.#standings.targets(this.service);
    for (let next = targets.next(); next.done !== true; next = targets.next()) yield next.value;
  }
}

function everyone(): boolean {
  return true;
}

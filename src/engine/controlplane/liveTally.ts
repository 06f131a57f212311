import type { Digest } from '../../core/kernel/digest.ts';
import type { Instant } from '../../core/kernel/instant.ts';
import { contributionOf, isSameBasis, type TallyBasis, tallyBasisOf } from '../../core/rollout/contribution.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import type { Standing, Tally } from '../../core/rollout/tally.ts';
import { TallyBook } from '../../core/rollout/tallyBook.ts';
import type { SlotName } from '../../core/topology/service.ts';

/** Where targets are and how they stand. */
export interface Standings {
  /** Uids of all targets of a service, as they are when this is called; more may come while it is gone through. */
  readonly uids: (service: string) => Iterator<string>;
  /** `null`: there is no such target. */
  readonly of: (uid: string) => Standing | null;
}

/**
 * The tally of one rollout, kept up to date: what is heard of one target changes what that target adds, and nothing else is looked
 * at again. Only when the rollout orders something else, or the clock goes back, are all targets counted anew; that is cut into pieces, so that a
 * large fleet holds nobody up.
 */
export class LiveTally {
  readonly service: string;
  readonly #standings: Standings;
  readonly #lastKnownGood: (role: string, slot: SlotName) => Digest | null;
  #basis: TallyBasis;
  #book = new TallyBook();
  /** The targets that are still to be counted; `null` when all are. */
  #uncounted: Iterator<string> | null;
  #now: Instant;
  /** The newest tally of all targets; `null` before the first one. */
  #whole: Tally | null = null;

  constructor(
    rollout: Rollout,
    standings: Standings,
    lastKnownGood: (role: string, slot: SlotName) => Digest | null,
    now: Instant,
  ) {
    this.service = rollout.change.service;
    this.#standings = standings;
    this.#lastKnownGood = lastKnownGood;
    this.#basis = tallyBasisOf(rollout, lastKnownGood);
    this.#now = now;
    this.#uncounted = standings.uids(this.service);
  }

  /** Takes up what the rollout orders now. Costs nothing that grows with the fleet. */
  follow(rollout: Rollout, now: Instant): void {
    const basis = tallyBasisOf(rollout, this.#lastKnownGood);
    if (isSameBasis(this.#basis, basis)) return;
    this.#keepWhole(now);
    this.#basis = basis;
    this.#beginAnew();
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
      const { done, value } = this.#uncounted.next();
      if (done === true) this.#uncounted = null;
      else this.#count(value);
    }
    return this.#uncounted === null;
  }

  /** The tally at this moment; while targets are counted anew the one of the moment before, which there must have been then. */
  tally(now: Instant): Tally {
    this.#keepWhole(now);
    if (this.#whole === null) throw new Error('invariant broken: a tally is asked for before the first is whole');
    return this.#whole;
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
    this.#book = new TallyBook();
    this.#uncounted = this.#standings.uids(this.service);
  }

  #count(uid: string): void {
    const standing = this.#standings.of(uid);
    const contribution = standing === null ? null : contributionOf(this.#basis, standing, this.#now);
    if (contribution === null) this.#book.takeBack(uid);
    else this.#book.put(uid, contribution);
  }
}

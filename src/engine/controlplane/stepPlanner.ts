import type { DurationMs, Instant } from '../../core/kernel/instant.ts';
import { nextBorder } from '../../core/rollout/border.ts';
import type { Contribution } from '../../core/rollout/contribution.ts';
import type { Ahead, AheadNow, Reachable } from '../../core/rollout/openAhead.ts';
import { MOST_LATENCIES } from '../../core/rollout/pace.ts';
import { PlaceOrder } from '../../core/rollout/placeOrder.ts';
import { stageOf } from '../../core/rollout/planStages.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import type { TallyBook } from '../../core/rollout/tallyBook.ts';
import type { Stretch } from '../../core/rollout/widenedBy.ts';
import { domainKey } from '../../core/topology/capacity.ts';
import type { Target } from '../../core/topology/target.ts';

interface Order {
  /** `null`: every stage. */
  readonly stage: number | null;
  readonly places: PlaceOrder;
}

/**
 * What a rollout that goes in steps needs to know beyond its tally: its targets in the order of their places, stage by stage, and
 * how long the last applies took. An order is made once for each stage; targets that come and go later are put in and taken out.
 */
export class StepPlanner {
  readonly #rollout: Pick<Rollout, 'id' | 'pipeline' | 'change'>;
  readonly #targets: () => Iterable<Target>;
  /** Of the present stage and the next one, or of all. */
  #orders: readonly Order[] = [];
  #took: { readonly orderedAt: Instant; readonly ms: DurationMs }[] = [];

  constructor(rollout: Rollout, targets: () => Iterable<Target>) {
    this.#rollout = rollout;
    this.#targets = targets;
  }

  /** A target is there now, and is what it says it is: it may have been of another stage before. */
  known(target: Target): void {
    for (const { stage, places } of this.#orders) {
      if (this.#isIn(stage, target)) places.add(target.uid);
      else places.delete(target.uid);
    }
  }

  gone(uid: string): void {
    for (const { places } of this.#orders) places.delete(uid);
  }

  /** Whether the targets of a stretch are in order already, so that going through it costs no more than it is long. */
  isInOrder({ stage }: Stretch): boolean {
    return this.#orders.some((order) => order.stage === stage);
  }

  /** Uids of the targets of a stretch, in order. */
  *between({ stage, from, to }: Stretch): Iterable<string> {
    for (const { uid } of this.#placesOf(stage).between(from, to)) yield uid;
  }

  /** What a target added before, and adds now: from this it is seen how long its apply took. */
  changed(before: Contribution | null, after: Contribution, now: Instant): void {
    if (before === null || before.orderedAt === null || !after.confirmed) return;
    this.#took.push({ orderedAt: before.orderedAt, ms: now - before.orderedAt });
    if (this.#took.length > 2 * MOST_LATENCIES) this.#took = this.#took.slice(-MOST_LATENCIES);
  }

  /** Of targets that were ordered since then, the newest last. */
  latenciesMs(since: Instant): readonly DurationMs[] {
    return this.#took.filter(({ orderedAt }) => orderedAt >= since).map(({ ms }) => ms);
  }

  /** How far the part ahead can be opened, by what is counted in the book. */
  aheadNow(ahead: Ahead, book: TallyBook, concurrency: number): AheadNow {
    const room = { concurrency, domain: (key: string) => book.roomIn(key) };
    const border = nextBorder(
      this.#candidates(ahead, book, () => true),
      room,
      ahead.to,
    );
    return { ...ahead, border, full: border.stop?.kind === 'domain' ? book.domain(border.stop.key) : null };
  }

  /** How far the way back can go: past everyone who is back, or was never there. */
  backNow(from: number, book: TallyBook, concurrency: number): Reachable {
    const room = { concurrency, domain: (key: string) => book.roomIn(key) };
    const isLeft = (counted: Contribution | null) => counted === null || counted.notBack;
    const border = nextBorder(this.#candidates({ stage: null, from, to: 1 }, book, isLeft), room, 1);
    return { from, border, full: border.stop?.kind === 'domain' ? book.domain(border.stop.key) : null };
  }

  *#candidates({ stage, from, to }: Stretch, book: TallyBook, counts: (counted: Contribution | null) => boolean) {
    for (const { uid, place } of this.#placesOf(stage).between(from, to)) {
      const counted = book.of(uid);
      if (!counts(counted)) continue;
      // Who is not counted yet is not known to be well.
      const { domain, unavailable } = counted ?? { domain: null, unavailable: true };
      yield { place, domain: domain === null ? null : domainKey(domain), unavailable };
    }
  }

  #placesOf(stage: number | null): PlaceOrder {
    const known = this.#orders.find((order) => order.stage === stage);
    if (known !== undefined) return known.places;
    const uids: string[] = [];
    for (const target of this.#targets()) if (this.#isIn(stage, target)) uids.push(target.uid);
    const places = new PlaceOrder(this.#rollout.id, uids);
    // Of the stages, the present one and the next are kept.
    const kept = this.#orders.filter((order) => stage !== null && order.stage === stage - 1);
    this.#orders = [...kept, { stage, places }];
    return places;
  }

  #isIn(stage: number | null, { service, role, labels }: Target): boolean {
    const { change, pipeline } = this.#rollout;
    if (service !== change.service || !change.roles.includes(role)) return false;
    const staged = stageOf(pipeline, labels);
    return stage === null ? staged !== null : staged === stage;
  }
}

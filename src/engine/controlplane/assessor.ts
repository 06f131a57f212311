import type { Conditions } from '../../core/policy/conditions.ts';
import type { Pipeline } from '../../core/policy/pipeline.ts';
import { consentTo } from '../../core/record/agreement.ts';
import type { World } from '../../core/record/world.ts';
import type { Assessment } from '../../core/rollout/assessment.ts';
import { assignmentKey } from '../../core/rollout/assignment.ts';
import { decideRollout } from '../../core/rollout/decideRollout.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import { stepping } from '../../core/rollout/stepping.ts';
import type { Tally } from '../../core/rollout/tally.ts';
import type { Capacity } from '../../core/topology/capacity.ts';
import type { Target } from '../../core/topology/target.ts';
import { fromStored } from '../../wire/recordedEvent.ts';
import type { StoredEvent } from '../../wire/storedEvent.ts';
import type { Clock } from '../ports/clock.ts';
import type { JudgedRollout } from '../ports/judged.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';
import type { BlameDesk } from './blameDesk.ts';
import type { CommandQueue } from './commandQueue.ts';
import { ExposureLedger } from './exposureLedger.ts';
import type { FigureDesk } from './figureDesk.ts';
import type { FleetState } from './fleetState.ts';
import type { FreezeLookup } from './freezeLookup.ts';
import { JudgeDesk } from './judgeDesk.ts';
import { LiveTally } from './liveTally.ts';
import { needsRenewal } from './notary.ts';
import type { RuleLookup } from './ruleLookup.ts';

/** Soon after something was heard, and otherwise once a second, because time passing is news too. */
const SOON_MS = 100;
const IDLE_MS = 1000;
/** So many targets are counted in one go; between two of them everybody else gets their turn. */
const COUNTED_AT_ONCE = 2_000;

/** What is kept about a rollout that is not over, and about one that has ended until the next one of its service begins. */
interface Followed {
  rollout: Rollout;
  readonly ledger: ExposureLedger;
  readonly tally: LiveTally;
}

/** Keeps asking every rollout that is not over whether what is known now changes it, and puts on the record what does. */
export class Assessor {
  readonly #queue: CommandQueue;
  readonly #fleet: FleetState;
  readonly #freezes: FreezeLookup;
  readonly #rules: RuleLookup;
  readonly #blame: BlameDesk;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #followed = new Map<string, Followed>();
  #byService: ReadonlyMap<string, readonly Followed[]> = new Map();
  #rollouts: World['rollouts'] | null = null;
  readonly #figures: FigureDesk;
  readonly #judge: JudgeDesk;
  #cancel: () => void = () => {};
  #soon = false;
  #working = false;
  #again = false;
  #closed = false;
  #savedAt = 0;

  constructor(parts: {
    queue: CommandQueue;
    fleet: FleetState;
    figures: FigureDesk;
    freezes: FreezeLookup;
    rules: RuleLookup;
    blame: BlameDesk;
    store: Store;
    clock: Clock;
    logger: Logger;
  }) {
    this.#queue = parts.queue;
    this.#fleet = parts.fleet;
    this.#freezes = parts.freezes;
    this.#rules = parts.rules;
    this.#blame = parts.blame;
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#figures = parts.figures;
    this.#judge = new JudgeDesk({
      figures: parts.figures,
      world: () => this.#queue.world,
      clock: parts.clock,
      inContact: (uid) => parts.fleet.standing(uid)?.connected ?? false,
      exposed: ({ id, pipeline }, stage, role, sample) => {
        const metrics = pipeline.stages.flatMap(({ bake }) => bake.exposure?.metric ?? []);
        this.#followed.get(id)?.ledger.count(stage, role, sample, [...new Set(metrics)]);
      },
    });
  }

  /** Takes up the rollouts that were under way when the last process ended, with what had been measured. */
  async open(): Promise<void> {
    for (const rollout of running(this.#queue.world)) {
      const windows = await this.#store.windows(rollout.id);
      this.#begin(rollout, new ExposureLedger(rollout.id, windows));
    }
    await this.#judge.open(this.#store, running(this.#queue.world));
    this.#follow(this.#queue.world);
    this.#queue.onAppend((events, world) => {
      for (const event of events) this.#takeUp(event);
      this.#follow(world);
    });
    this.#schedule(IDLE_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#save(true);
  }

  /** Something was heard of a target. */
  heardOf(target: Target): void {
    const followed = this.#byService.get(target.service) ?? [];
    const now = this.#clock.now();
    for (const { tally } of followed) tally.heard(target.uid, now);
    this.#figures.heardOf(target);
    this.heard();
  }

  /** Something was heard: look soon. */
  heard(): void {
    this.#again = this.#working;
    if (this.#soon || this.#working || this.#closed) return;
    this.#soon = true;
    this.#cancel();
    this.#schedule(SOON_MS);
  }

  /** Checks that have nothing sound to compare with, before anything is changed. */
  sickBefore(pipeline: Pipeline, roles: readonly string[]): NonNullable<Conditions['sick']> {
    return this.#judge.sickBefore(pipeline, roles);
  }

  /** How the checks of a rollout have gone. */
  async judged(rollout: Rollout): Promise<JudgedRollout> {
    const windowMs = this.#figures.windowMsOf(rollout.change.service);
    return { rollout: rollout.id, windowMs, series: await this.#judge.series(this.#store, rollout) };
  }

  /** What is known now. While a large fleet is counted anew the tally is the one of the moment before; see {@link whole}. */
  assess(rollout: Rollout): Assessment {
    const world = this.#queue.world;
    const tally = this.#tally(rollout);
    const stages = rollout.pipeline.stages.slice(0, rollout.stage + 1);
    const blame = this.#blame.around(rollout, tally);
    return {
      tally,
      ...this.#steps(rollout, tally),
      // Harm on targets of earlier stages speaks among the present one's verdicts.
      verdicts: stages.map((_, stage) => (stage === rollout.stage ? this.#judge.verdicts(rollout.id) : [])),
      exposure: Object.fromEntries(rollout.change.roles.map((role) => [role, this.#exposure(rollout, role)])),
      contact: (opening) => this.#followed.get(rollout.id)?.tally.contact(opening) ?? { absent: [], returned: [] },
      lineHalted: world.halted !== null,
      consent: consentTo(world, rollout, this.#clock.now()),
      freezes: this.#freezes.of(world, rollout.change.service, this.#clock.now()),
      ...this.#freezes.peaksOf(rollout),
      rules: this.#rules.of(world, rollout, tally.targets),
      ...(blame === undefined ? {} : { blame }),
    };
  }

  /** Laws 11 and 12: how far the rollout can go on now, and how long applies take. */
  #steps(rollout: Rollout, tally: Tally): Pick<Assessment, 'ahead' | 'back' | 'latenciesMs'> {
    const live = this.#followed.get(rollout.id)?.tally;
    const { release, pace } = rollout;
    if (live !== undefined && release !== null && tally.notBack > 0) {
      const left = (pace?.concurrency ?? Number.POSITIVE_INFINITY) - tally.moving;
      return { back: live.backNow(release.below, left, this.#clock.now()) };
    }
    const asked = stepping(rollout, this.#capacityOf(rollout.change.service));
    if (live === undefined || asked === null) return {};
    const left = asked.concurrency - tally.moving;
    const ahead = live.aheadNow(asked.ahead, left, this.#clock.now());
    return { ahead, latenciesMs: live.latenciesMs(rollout.pace?.slowedAt ?? 0) };
  }

  #capacityOf(service: string): Capacity | null {
    return this.#queue.world.services.get(service)?.capacity ?? null;
  }

  #exposure({ id, pipeline, stage }: Rollout, role: string): number {
    const spec = pipeline.stages[stage];
    const exposure = spec?.bake.exposure ?? null;
    if (spec === undefined || exposure === null) return 0;
    return this.#followed.get(id)?.ledger.countOf(spec.name, role, exposure.metric) ?? 0;
  }

  /** Waits until all targets are counted by what the rollout orders now. */
  async whole(id: string): Promise<void> {
    for (;;) {
      const followed = this.#followed.get(id);
      if (followed === undefined || followed.tally.countOn(COUNTED_AT_ONCE, this.#clock.now())) return;
      await new Promise<void>((resolve) => this.#clock.after(0, resolve));
    }
  }

  #tally(rollout: Rollout): Tally {
    const now = this.#clock.now();
    const tally = this.#followed.get(rollout.id)?.tally ?? this.#newTally(rollout);
    tally.countOn(tally.hasTally ? COUNTED_AT_ONCE : Number.POSITIVE_INFINITY, now);
    return tally.tally(now);
  }

  #newTally(rollout: Rollout): LiveTally {
    const { service } = rollout.change;
    const goods = () => this.#queue.world.lastKnownGoods;
    return new LiveTally(
      rollout,
      { targets: (of) => this.#fleet.targets(of), of: (uid) => this.#fleet.standing(uid) },
      (role, slot) =>
        goods()
          .get(assignmentKey(service, role, slot))
          ?.at(-1) ?? null,
      this.#clock.now(),
      () => this.#capacityOf(service),
    );
  }

  #begin(rollout: Rollout, ledger: ExposureLedger): void {
    this.#followed.set(rollout.id, { rollout, ledger, tally: this.#newTally(rollout) });
  }

  #takeUp(stored: StoredEvent): void {
    const event = fromStored(stored);
    const uid =
      event.type === 'TargetRetired' ? event.data.uid : event.type === 'TargetEnrolled' ? event.data.target.uid : null;
    if (uid !== null) for (const { tally } of this.#followed.values()) tally.heard(uid, this.#clock.now());
    if (event.type !== 'ServiceApplied') return;
    for (const { rollout, tally } of this.#byService.get(event.data.service.name) ?? [])
      tally.follow(rollout, this.#clock.now());
  }

  #follow(world: World): void {
    if (world.rollouts === this.#rollouts) return;
    this.#rollouts = world.rollouts;
    const services = new Set<string>();
    for (const rollout of running(world)) {
      services.add(rollout.change.service);
      if (this.#followed.has(rollout.id)) continue;
      this.#begin(rollout, new ExposureLedger(rollout.id, []));
    }
    for (const [id, followed] of this.#followed) {
      const rollout = world.rollouts.get(id) ?? followed.rollout;
      if (rollout === followed.rollout) continue;
      followed.rollout = rollout;
      followed.tally.follow(rollout, this.#clock.now());
    }
    for (const { rollout } of this.#followed.values()) this.#judge.follow(rollout);
    // The figures of one that has just ended stay readable until the next one of its service begins.
    for (const [id, { rollout }] of this.#followed) {
      if (rollout.endedAt === null || !services.has(rollout.change.service)) continue;
      this.#followed.delete(id);
      this.#judge.forget(id);
    }
    this.#byService = Map.groupBy(this.#followed.values(), ({ rollout }) => rollout.change.service);
  }

  #schedule(delayMs: number): void {
    if (this.#closed) return;
    this.#cancel = this.#clock.after(delayMs, () => void this.#round());
  }

  async #round(): Promise<void> {
    if (this.#queue.isOvertaken) return;
    this.#soon = false;
    this.#working = true;
    try {
      this.#fleet.sample(this.#figures);
      this.#judge.look();
      for (const { id } of running(this.#queue.world)) {
        await this.whole(id);
        const rollout = this.#queue.world.rollouts.get(id);
        if (rollout === undefined || rollout.endedAt !== null) continue;
        const input = { type: 'assess', assessment: this.assess(rollout) } as const;
        const decision = decideRollout(rollout, input, this.#clock.now());
        // Only what changes something goes through the queue, where it is decided again against the newest world.
        if (decision.ok && decision.value.length > 0)
          await this.#queue.submit('engine', { type: 'rollout', id: rollout.id, input });
      }
      for (const rollout of running(this.#queue.world)) {
        if (needsRenewal(this.#queue.world, rollout, this.#clock.now()))
          await this.#queue.submit('engine', { type: 'renewPermits', rollout: rollout.id });
      }
      if (this.#clock.monotonic() - this.#savedAt >= IDLE_MS) {
        await this.#save(false);
        await this.#queue.look();
      }
    } catch (error) {
      this.#logger.warn('a rollout could not be assessed; trying again', { error: String(error) });
    } finally {
      this.#working = false;
      this.#schedule(this.#again ? SOON_MS : IDLE_MS);
      this.#again = false;
    }
  }

  async #save(atTheEnd: boolean): Promise<void> {
    // Whoever has taken over counts what targets report; counted twice it would look like more exposure than there is.
    if (this.#queue.isOvertaken) return;
    this.#savedAt = this.#clock.monotonic();
    const now = this.#clock.now();
    const windows = [...this.#followed.values()].flatMap(({ ledger }) => ledger.takeUnsaved(now));
    const { judged, past } = this.#judge.takeUnsaved(atTheEnd);
    // Asked for together they share one write: what is judged and what is counted are not told apart by a crash between them.
    await Promise.all([
      windows.length > 0 ? this.#store.addWindows(windows) : null,
      judged.length > 0 ? this.#store.addJudged(judged) : null,
      past.length > 0 ? this.#store.keepPast(past) : null,
    ]);
  }
}

/** Rollouts that are not over. */
function* running(world: World): Iterable<Rollout> {
  for (const rollout of world.rollouts.values()) if (rollout.endedAt === null) yield rollout;
}

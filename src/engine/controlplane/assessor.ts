import { judge, metricsOf } from '../../core/analysis/checkRegistry.ts';
import { errorShare } from '../../core/analysis/errorBudget.ts';
import type { Verdict } from '../../core/analysis/verdict.ts';
import type { World } from '../../core/record/world.ts';
import type { Assessment } from '../../core/rollout/assessment.ts';
import { assignmentKey } from '../../core/rollout/assignment.ts';
import { decideRollout } from '../../core/rollout/decideRollout.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import { tallyOf } from '../../core/rollout/tally.ts';
import type { Target } from '../../core/topology/target.ts';
import type { Clock } from '../ports/clock.ts';
import type { TargetObservations } from '../ports/fleet.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';
import type { CommandQueue } from './commandQueue.ts';
import { ExposureLedger, PAST } from './exposureLedger.ts';
import type { FleetState } from './fleetState.ts';
import type { FreezeLookup } from './freezeLookup.ts';
import { needsRenewal } from './notary.ts';
import { RecentPast } from './recentPast.ts';

/** Soon after something was heard, and otherwise once a second, because time passing is news too. */
const SOON_MS = 100;
const IDLE_MS = 1000;

/** Keeps asking every rollout that is not over whether what is known now changes it, and puts on the record what does. */
export class Assessor {
  readonly #queue: CommandQueue;
  readonly #fleet: FleetState;
  readonly #freezes: FreezeLookup;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #ledgers = new Map<string, ExposureLedger>();
  readonly #past = new RecentPast();
  #cancel: () => void = () => {};
  #soon = false;
  #working = false;
  #again = false;
  #closed = false;
  #savedAt = 0;

  constructor(parts: {
    queue: CommandQueue;
    fleet: FleetState;
    freezes: FreezeLookup;
    store: Store;
    clock: Clock;
    logger: Logger;
  }) {
    this.#queue = parts.queue;
    this.#fleet = parts.fleet;
    this.#freezes = parts.freezes;
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** Takes up the rollouts that were under way when the last process ended, with what had been measured. */
  async open(): Promise<void> {
    for (const rollout of running(this.#queue.world)) {
      this.#ledgers.set(rollout.id, new ExposureLedger(rollout.id, await this.#store.windows(rollout.id)));
    }
    this.#queue.onAppend((_, world) => this.#follow(world));
    this.#schedule(IDLE_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#save();
  }

  /** Something was heard: look soon. */
  heard(): void {
    this.#again = this.#working;
    if (this.#soon || this.#working || this.#closed) return;
    this.#soon = true;
    this.#cancel();
    this.#schedule(SOON_MS);
  }

  counted(
    target: Target,
    observation: TargetObservations['observations'][number],
    delta: number,
    first: boolean,
  ): void {
    let underCandidate = false;
    for (const rollout of running(this.#queue.world)) {
      if (rollout.change.service !== target.service) continue;
      this.#ledgers.get(rollout.id)?.count(rollout, target, observation, delta);
      underCandidate ||= rollout.change.slots[observation.slot] === observation.artifact;
    }
    if (first && !underCandidate) this.#past.count(target, observation.metric, delta, this.#clock.now());
  }

  assess(rollout: Rollout): Assessment {
    const world = this.#queue.world;
    const lastKnownGood = (role: string, slot: string) =>
      world.lastKnownGoods.get(assignmentKey(rollout.change.service, role, slot))?.at(-1) ?? null;
    const tally = tallyOf(rollout, this.#fleet.standings(rollout.change.service), lastKnownGood, this.#clock.now());
    const stages = rollout.pipeline.stages.slice(0, rollout.stage + 1);
    return {
      tally,
      verdicts: stages.map((_, stage) => this.#verdicts(rollout, stage)),
      exposure: Object.fromEntries(
        rollout.change.roles.map((role) => [role, this.#exposure(rollout, rollout.stage, role)?.gathered ?? 0]),
      ),
      lineHalted: world.halted !== null,
      freezes: this.#freezes.of(world, rollout.change.service, this.#clock.now()),
    };
  }

  #verdicts(rollout: Rollout, stage: number): readonly Verdict[] {
    const { checks, stages, errorBudget } = rollout.pipeline;
    const alpha = errorShare(errorBudget, {
      checks: checks.length,
      roles: rollout.change.roles.length,
      stages: stages.length,
    });
    const ledger = this.#ledgers.get(rollout.id);
    const name = stages[stage]?.name ?? '';
    return rollout.change.roles.flatMap((role) =>
      checks.map((check) => {
        const metrics = metricsOf(check);
        const beside = ledger?.counts(name, role, 'untouched', metrics) ?? {};
        // Nobody is left untouched at the end of the last stage; there the fleet's own past stands in, and the verdict says so.
        const alone = stage === stages.length - 1 || Object.keys(beside).length === 0;
        return judge(check, {
          role,
          alpha,
          treated: ledger?.counts(name, role, 'treated', metrics) ?? {},
          untouched: alone ? (ledger?.counts(PAST, role, 'untouched', metrics) ?? {}) : beside,
          compared: alone ? 'before' : 'at-the-same-time',
          exposure: this.#exposure(rollout, stage, role),
        });
      }),
    );
  }

  #exposure(
    rollout: Rollout,
    stage: number,
    role: string,
  ): { metric: string; gathered: number; atLeast: number } | null {
    const spec = rollout.pipeline.stages[stage];
    const exposure = spec?.bake.exposure ?? null;
    if (spec === undefined || exposure === null) return null;
    const counts = this.#ledgers.get(rollout.id)?.counts(spec.name, role, 'treated', [exposure.metric]) ?? {};
    return { ...exposure, gathered: counts[exposure.metric] ?? 0 };
  }

  #follow(world: World): void {
    const present = new Set<string>();
    for (const rollout of running(world)) {
      present.add(rollout.id);
      if (this.#ledgers.has(rollout.id)) continue;
      const ledger = new ExposureLedger(rollout.id, []);
      for (const { role, metric, count } of this.#past.counts(rollout.change.service))
        ledger.countPast(role, metric, count);
      this.#ledgers.set(rollout.id, ledger);
    }
    // The figures of one that has just ended stay readable until the next one of its service begins.
    for (const id of this.#ledgers.keys()) {
      const service = world.rollouts.get(id)?.change.service;
      const replaced = [...present].some(
        (other) => other !== id && world.rollouts.get(other)?.change.service === service,
      );
      if (!present.has(id) && replaced) this.#ledgers.delete(id);
    }
  }

  #schedule(delayMs: number): void {
    if (this.#closed) return;
    this.#cancel = this.#clock.after(delayMs, () => void this.#round());
  }

  async #round(): Promise<void> {
    this.#soon = false;
    this.#working = true;
    try {
      for (const rollout of running(this.#queue.world)) {
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
      if (this.#clock.monotonic() - this.#savedAt >= IDLE_MS) await this.#save();
    } catch (error) {
      this.#logger.warn('a rollout could not be assessed; trying again', { error: String(error) });
    } finally {
      this.#working = false;
      this.#schedule(this.#again ? SOON_MS : IDLE_MS);
      this.#again = false;
    }
  }

  async #save(): Promise<void> {
    this.#savedAt = this.#clock.monotonic();
    const now = this.#clock.now();
    const windows = [...this.#ledgers.values()].flatMap((ledger) => ledger.takeUnsaved(now));
    if (windows.length > 0) await this.#store.addWindows(windows);
  }
}

/** Rollouts that are not over. */
function* running(world: World): Iterable<Rollout> {
  for (const rollout of world.rollouts.values()) if (rollout.endedAt === null) yield rollout;
}

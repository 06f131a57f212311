import type { Digest } from '../../core/kernel/digest.ts';
import type { DurationMs, Instant } from '../../core/kernel/instant.ts';
import type { Refusal } from '../../core/kernel/refusal.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { Conditions } from '../../core/policy/conditions.ts';
import type { World } from '../../core/record/world.ts';
import { assignmentKey, desiredRevision, roleKey } from '../../core/rollout/assignment.ts';
import type { SlotStanding, Standing } from '../../core/rollout/tally.ts';
import { isScraped } from '../../core/topology/metric.ts';
import type { Service, SlotName } from '../../core/topology/service.ts';
import { nameKey, type Target } from '../../core/topology/target.ts';
import type { Clock } from '../ports/clock.ts';
import type { TargetView } from '../ports/controlPlane.ts';
import type { FigureIntake, Measurement } from '../ports/figures.ts';
import type {
  AssignmentSet,
  Confirmation,
  Fleet,
  FleetChange,
  SlotReport,
  TargetObservations,
  TargetReport,
} from '../ports/fleet.ts';
import type { Verifier } from '../ports/signer.ts';
import { grownBy } from './counterFigures.ts';
import { enforcePermits } from './enforcePermits.ts';
import { type Exposed, ExposedNames } from './exposedNames.ts';
import { FaultBook } from './faultBook.ts';
import { healthMetrics, wellBy } from './healthClock.ts';
import { HealthSampler } from './healthSampler.ts';
import { ObservedTotals } from './observedTotals.ts';
import { PageBook } from './pageBook.ts';
import { TrafficMeter } from './trafficMeter.ts';
import { WaitingSets } from './waitingSets.ts';

/** What is known of one target now, and only in memory: it is told again by the target itself after every reconnect. */
interface Live {
  connected: boolean;
  lostAt: Instant | null;
  /** Where the log ended when it was lost; -1 before that. */
  contactAt: number;
  lastHeard: Instant | null;
  report: TargetReport | null;
  /** Of slots that the server holds for it; `null`: there are none. */
  served: readonly SlotReport[] | null;
  slots: ReadonlyMap<SlotName, SlotStanding> | null;
  failingChecks: readonly string[];
  /** What it had counted when it was last heard of; `null`: nothing was heard of that yet. */
  totals: ObservedTotals | null;
  /** Whether a metric was there when last heard of, by its name. */
  present: Map<string, boolean>;
  exposed: Exposed;
}

/** Shared by all that have counted nothing, who are many. */
const NOTHING_SEEN: Live['present'] = new Map();
const NO_METRICS: Service['metrics'] = {};
const NOTHING_EXPOSED: Exposed = { exposedCounters: [], exposedGauges: [], exposedHistograms: [] };
const NO_CHECKS: Live['failingChecks'] = [];

export interface FleetStateOptions {
  readonly clock: Clock;
  readonly world: () => World;
  readonly confirmWithinMs: number;
  readonly verifier: Verifier;
  readonly admits: (token: string) => boolean;
  /** Law 20: what this process knows is old. It vouches for nothing any more, so targets are told nothing. */
  readonly isOvertaken: () => boolean;
  /** Records a target; resolves when that is durable. */
  readonly enrol: (target: Target) => Promise<Result<void, Refusal>>;
  readonly artifact: (digest: Digest) => Promise<Uint8Array | null>;
  /**
   * This was measured on a target since it was last heard of. It reports the same metrics for every slot it has; `first` marks one
   * of them, for whoever cares about the target and not about its slots.
   */
  readonly measured: (target: Target, measurement: Measurement, first: boolean) => void;
  /** Something was heard of a target that may let a rollout go on. */
  readonly heard: (target: Target) => void;
}

/** The live side of the fleet: who is connected, what each target says of itself, and what each is to be told. */
export class FleetState implements Fleet {
  readonly faults = new FaultBook();
  readonly #options: FleetStateOptions;
  readonly #live = new Map<string, Live>();
  readonly #listeners = new Set<(change: FleetChange) => void>();
  readonly #traffic = new TrafficMeter();
  readonly #health = new HealthSampler();
  readonly #pages = new PageBook();
  /** Services whose pages nobody can read, as was said. */
  readonly #unreadable = new Set<string>();
  readonly #enforced = new WeakMap<AssignmentSet, AssignmentSet>();
  readonly #waiting = new WaitingSets();
  readonly #sets = new Map<string, AssignmentSet>();
  /** Targets that were enrolled before this process started count as lost since then. */
  readonly #startedAt: Instant;
  #connected = 0;

  constructor(options: FleetStateOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  admits(token: string): boolean {
    return this.#options.admits(token);
  }

  async introduce(target: Target): Promise<Result<void, Refusal>> {
    const other = this.#options.world().targetNames.get(nameKey(target));
    if (other !== undefined && other !== target.uid && this.#live.get(other)?.connected === true) {
      return err({
        code: 'name-taken',
        says: `another connected target of service "${target.service}" is called "${target.name}"`,
        remedy: 'give one of them another name, or stop it',
      });
    }
    const outcome = await this.#options.enrol(target);
    if (!outcome.ok) return outcome;
    this.#heardFrom(target.uid);
    this.#options.heard(target);
    return ok(undefined);
  }

  report(uid: string, report: TargetReport): void {
    const target = this.#options.world().targets.get(uid);
    if (target === undefined) return;
    const live = this.#heardFrom(uid);
    this.faults.reported(uid, report, live.report === null, this.#options.clock.now());
    live.report = withServed(report, live.served);
    live.slots = new Map(live.report.slots.map((slot) => [slot.slot, slot]));
    const failing = report.checks.filter((check) => !check.healthy);
    live.failingChecks = failing.length === 0 ? NO_CHECKS : failing.map((check) => check.name);
    this.#health.hear(uid, report, this.#options.clock.monotonic());
    if (this.#owed(target, report).length > 0) this.#tell({ kind: 'confirmation', uid });
    this.#options.heard(target);
  }

  served(uid: string, slots: readonly SlotReport[]): void {
    const target = this.#options.world().targets.get(uid);
    if (target === undefined) return;
    const live = this.#liveOf(uid);
    live.served = slots;
    if (live.report === null) return;
    live.report = withServed(live.report, slots);
    live.slots = new Map(live.report.slots.map((slot) => [slot.slot, slot]));
    this.#options.heard(target);
  }

  observe(uid: string, observations: TargetObservations): void {
    const target = this.#options.world().targets.get(uid);
    if (target === undefined) return;
    const live = this.#heardFrom(uid);
    const { exposedCounters, exposedGauges, exposedHistograms } = observations;
    live.exposed = { exposedCounters, exposedGauges: exposedGauges ?? [], exposedHistograms: exposedHistograms ?? [] };
    const service = this.#options.world().services.get(target.service);
    const source = service?.traffic;
    const takes = source !== undefined && 'metric' in source ? source.metric : null;
    // What nobody asked for is not kept.
    const asked = observations.observations.filter(({ metric }) =>
      Object.hasOwn(service?.metrics ?? NO_METRICS, metric),
    );
    const firstSlot = asked.reduce((first, { slot }) => (first === '' || slot < first ? slot : first), '');
    if (live.present === NOTHING_SEEN) live.present = new Map();
    for (const { metric, present } of asked) live.present.set(metric, present);
    live.totals ??= new ObservedTotals();
    const now = this.#options.clock.monotonic();
    this.#pages.heard(uid, observations, now);
    const shown = asked.filter(({ present }) => present);
    for (const measurement of live.totals.take(shown, now)) {
      const first = measurement.under?.slot === firstSlot;
      if (first && measurement.metric === takes) this.#traffic.count(uid, grownBy(measurement), now);
      this.#options.measured(target, measurement, first);
    }
    this.#options.heard(target);
  }

  /**
   * Hands in what is known of the connected targets beside what they count: how well they have been, and whether their pages can be
   * read. Once in each window of their service; to be called more often than that.
   */
  sample(figures: Pick<FigureIntake, 'fault'> & { windowMsOf(service: string): DurationMs }): void {
    const now = this.#options.clock.monotonic();
    for (const { name, metrics } of this.#options.world().services.values()) {
      const health = healthMetrics(metrics);
      const scraped = Object.entries(metrics).flatMap(([metric, spec]) => (isScraped(spec) ? [metric] : []));
      if (health.length + scraped.length === 0 || !this.#health.isDue(name, figures.windowMsOf(name), now)) continue;
      for (const [target, measurement] of this.#health.sample(health, this.#reported(name), now))
        this.#options.measured(target, measurement, true);
      const fault = this.#pages.fault(this.#readers(name), now);
      // Taken back by who raised it, and by nobody else.
      if (fault === null && !this.#unreadable.delete(name)) continue;
      if (fault !== null) this.#unreadable.add(name);
      for (const metric of scraped) figures.fault(name, metric, fault);
    }
  }

  *#connectedOf(service: string): Iterable<readonly [Target, Live]> {
    for (const target of this.#options.world().targets.values()) {
      const live = target.service === service ? this.#live.get(target.uid) : undefined;
      if (live?.connected === true) yield [target, live];
    }
  }

  *#reported(service: string): Iterable<readonly [Target, TargetReport]> {
    for (const [target, { report }] of this.#connectedOf(service)) if (report !== null) yield [target, report];
  }

  /** Those whose agents read a page. */
  *#readers(service: string): Iterable<Target> {
    for (const [target, { totals }] of this.#connectedOf(service)) if (totals !== null) yield target;
  }

  lost(uid: string): void {
    const live = this.#live.get(uid);
    if (live === undefined || !live.connected) return;
    this.#connected--;
    live.connected = false;
    this.faults.lost(uid, this.#options.clock.now());
    this.#health.hear(uid, null, this.#options.clock.monotonic());
    live.lostAt = this.#options.clock.now();
    live.contactAt = this.#options.world().position;
    const target = this.#options.world().targets.get(uid);
    if (target !== undefined) this.#options.heard(target);
  }

  assignmentsFor(uid: string): AssignmentSet | null {
    const target = this.#options.isOvertaken() ? undefined : this.#options.world().targets.get(uid);
    return target === undefined ? null : this.#assignmentSet(target.service, target.role);
  }

  enforcedFor(uid: string): AssignmentSet | null {
    const set = this.assignmentsFor(uid);
    if (set === null) return null;
    let enforced = this.#enforced.get(set);
    if (enforced === undefined) {
      enforced = enforcePermits(set, this.#options.world(), this.#options.verifier);
      this.#enforced.set(set, enforced);
    }
    const live = this.#live.get(uid);
    return live === undefined ? enforced : this.#waiting.setFor(enforced, uid, live);
  }

  confirmationsFor(uid: string): readonly Confirmation[] {
    const report = this.#live.get(uid)?.report ?? null;
    const target = report === null ? undefined : this.#options.world().targets.get(uid);
    return report === null || target === undefined ? [] : this.#owed(target, report);
  }

  #owed(target: Target, { slots }: TargetReport): readonly Confirmation[] {
    const owed: Confirmation[] = [];
    if (this.#options.isOvertaken()) return owed;
    for (const { slot, phase, current, baseline, generation } of slots) {
      if (phase !== 'provisional') continue;
      const assignment = this.#options.world().assignments.get(assignmentKey(target.service, target.role, slot));
      // Without an assignment nothing was ordered, and nothing is vouched for.
      if (assignment === undefined) continue;
      if (current === (desiredRevision(assignment, target, current) ?? baseline))
        owed.push({ slot, generation, artifact: current });
    }
    return owed;
  }

  artifact(digest: Digest): Promise<Uint8Array | null> {
    return this.#options.artifact(digest);
  }

  onChange(listener: (change: FleetChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Makes the connected targets of a role hear its newest assignments. Repeating it does no harm. */
  publish(service: string, role: string, urgent: boolean, reach: 'everyone' | 'moved' = 'everyone'): void {
    this.#sets.delete(`${service}/${role}`);
    this.#tell({ kind: 'assignments', service, role, urgent, reach });
  }

  /** A target that is gone for good. */
  forget(uid: string): void {
    if (this.#live.get(uid)?.connected === true) this.#connected--;
    this.#live.delete(uid);
    this.#traffic.forget(uid);
    this.#health.forget(uid);
    this.#pages.forget(uid);
    this.faults.forget(uid);
  }

  /** How one target stands; `null` when there is none of that uid. */
  standing(uid: string): Standing | null {
    const target = this.#options.world().targets.get(uid);
    if (target === undefined) return null;
    const live = this.#live.get(uid);
    return {
      target,
      connected: live?.connected ?? false,
      lostAt: live === undefined ? this.#startedAt : live.lostAt,
      contactAt: live?.contactAt ?? -1,
      slots: live?.slots ?? null,
      failingChecks: live?.failingChecks ?? NO_CHECKS,
    };
  }

  /** All targets of a service. Later enrolments do not disturb whoever goes through them. */
  *targets(service: string): Iterator<Target> {
    for (const target of this.#options.world().targets.values()) if (target.service === service) yield target;
  }

  conditions(service: string): Omit<Conditions, 'freezes'> {
    const offline = new Set<string>();
    const unwell = new Set<string>();
    const exposed = new ExposedNames();
    const seen = new Map<string, 'present' | 'absent'>();
    const health = healthMetrics(this.#options.world().services.get(service)?.metrics ?? {});
    for (const target of this.#options.world().targets.values()) {
      if (target.service !== service) continue;
      const live = this.#live.get(target.uid);
      if (live?.connected !== true) {
        offline.add(target.uid);
        continue;
      }
      if (!isWellAtRest(live)) unwell.add(target.uid);
      exposed.add(live.exposed, live.report);
      const say = (metric: string, present: boolean) => {
        const key = `${target.role}\n${metric}`;
        if (present || !seen.has(key)) seen.set(key, present ? 'present' : 'absent');
      };
      for (const [metric, present] of live.present) say(metric, present);
      for (const [name, metric] of health) if (live.report !== null) say(name, wellBy(metric, live.report) !== null);
    }
    const metric = (role: string, name: string) => seen.get(`${role}\n${name}`) ?? 'silent';
    const rates = this.rates(service);
    return { offline, unwell, rates, metric, ...exposed.all };
  }

  /** How fast a target's traffic metric rises, a second; `undefined` where that is not known. */
  rateOf(uid: string): number | undefined {
    return this.#traffic.rateOf(uid);
  }

  /** How fast the service's traffic metric rises on each target, of those of which that is known. */
  rates(service: string): ReadonlyMap<string, number> {
    const rates = new Map<string, number>();
    const source = this.#options.world().services.get(service)?.traffic;
    if (source === undefined || !('metric' in source)) return rates;
    for (const target of this.#options.world().targets.values()) {
      const rate = target.service === service ? this.#traffic.rateOf(target.uid) : undefined;
      if (rate !== undefined) rates.set(target.uid, rate);
    }
    return rates;
  }

  *views(): Iterable<TargetView> {
    for (const target of this.#options.world().targets.values()) yield this.#view(target);
  }

  /** `null`: there is no such target. */
  view(uid: string): TargetView | null {
    const target = this.#options.world().targets.get(uid);
    return target === undefined ? null : this.#view(target);
  }

  get connectedCount(): number {
    return this.#connected;
  }

  #view(target: Target): TargetView {
    const live = this.#live.get(target.uid);
    const desired: Record<SlotName, Digest | null> = {};
    for (const assignment of this.#assignmentSet(target.service, target.role).assignments) {
      const held = live?.slots?.get(assignment.slot)?.current ?? null;
      desired[assignment.slot] = desiredRevision(assignment, target, held);
    }
    return {
      target,
      connected: live?.connected ?? false,
      lastHeard: live?.lastHeard ?? null,
      report: live?.report ?? null,
      desired,
    };
  }

  #assignmentSet(service: string, role: string): AssignmentSet {
    const key = `${service}/${role}`;
    const cached = this.#sets.get(key);
    if (cached !== undefined) return cached;
    const world = this.#options.world();
    const spec = world.services.get(service);
    const assignments = Object.keys(spec?.slots ?? {}).flatMap(
      (slot) => world.assignments.get(assignmentKey(service, role, slot)) ?? [],
    );
    const watches = Object.fromEntries(
      Object.entries(spec?.metrics ?? {}).flatMap(([name, metric]) => (isScraped(metric) ? [[name, metric]] : [])),
    );
    const set = {
      service,
      role,
      assignments,
      watches,
      confirmWithinMs: this.#options.confirmWithinMs,
      ...this.#permits(service, role, assignments),
    };
    this.#sets.set(key, set);
    return set;
  }

  #permits(
    service: string,
    role: string,
    assignments: AssignmentSet['assignments'],
  ): Pick<AssignmentSet, 'permits' | 'keys' | 'serverTime'> {
    const { permits, goodPermits, keys } = this.#options.world();
    const found = [permits.get(roleKey(service, role))];
    for (const { slot } of assignments) found.push(goodPermits.get(assignmentKey(service, role, slot)));
    return {
      permits: [...new Set(found)].filter((permit) => permit !== undefined),
      keys: [...keys.values()].map(({ id, publicKey, announcement, retirement }) => ({
        id,
        publicKey,
        announcement,
        retirement,
      })),
      serverTime: this.#options.clock.now(),
    };
  }

  #liveOf(uid: string): Live {
    let live = this.#live.get(uid);
    if (live === undefined) {
      live = {
        connected: false,
        lostAt: this.#startedAt,
        contactAt: -1,
        lastHeard: null,
        report: null,
        served: null,
        slots: null,
        failingChecks: NO_CHECKS,
        totals: null,
        present: NOTHING_SEEN,
        exposed: NOTHING_EXPOSED,
      };
      this.#live.set(uid, live);
    }
    return live;
  }

  #heardFrom(uid: string): Live {
    const live = this.#liveOf(uid);
    if (!live.connected) this.#connected++;
    live.connected = true;
    live.lostAt = null;
    live.lastHeard = this.#options.clock.now();
    this.faults.found(uid);
    return live;
  }

  #tell(change: FleetChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** What the agent says of its slots, and the server of those that it holds for it. */
function withServed(report: TargetReport, served: Live['served']): TargetReport {
  if (served === null) return report;
  const own = new Set(served.map(({ slot }) => slot));
  return { ...report, slots: [...report.slots.filter(({ slot }) => !own.has(slot)), ...served] };
}

/** It has said how it is, no check of its own fails, and nothing is under way on it. */
function isWellAtRest({ slots, failingChecks }: Live): boolean {
  if (slots === null || failingChecks.length > 0) return false;
  for (const { phase } of slots.values()) if (phase !== 'settled' && phase !== 'failed') return false;
  return true;
}

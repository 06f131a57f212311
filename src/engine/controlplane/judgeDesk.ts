import type { JudgeRecord } from '../../core/analysis/judgeRecord.ts';
import type { Calibration } from '../../core/analysis/ratio/calibration.ts';
import { type JudgedRoles, RolloutJudge, USUAL_MISS_RATE } from '../../core/analysis/rolloutJudge.ts';
import type { TargetSample } from '../../core/analysis/targetSample.ts';
import type { Verdict } from '../../core/analysis/verdict.ts';
import type { Json } from '../../core/kernel/canonicalJson.ts';
import type { Instant } from '../../core/kernel/instant.ts';
import type { Conditions } from '../../core/policy/conditions.ts';
import type { Pipeline } from '../../core/policy/pipeline.ts';
import type { World } from '../../core/record/world.ts';
import { presentStage } from '../../core/rollout/presentStage.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import type { Target } from '../../core/topology/target.ts';
import type { Clock } from '../ports/clock.ts';
import type { JudgedPoint, JudgedSeries } from '../ports/judged.ts';
import type { JudgedWindow, PastPart, Store } from '../ports/store.ts';
import { armsOf } from './armsOf.ts';
import type { FigureDesk } from './figureDesk.ts';
import type { FigureWindow, Gathered } from './figureWindows.ts';
import { JudgeSeriesBook, pointOf } from './judgeSeriesBook.ts';
import { PastShelf } from './pastShelf.ts';
import { ofOneSlot, sampleOf } from './targetSamples.ts';

/** What is stored of one window of one rollout: all that the judge knows comes from the records, the points are to plot. */
interface JudgedBody {
  readonly records: readonly JudgeRecord[];
  readonly points: readonly (Pick<JudgedSeries, 'check' | 'role' | 'unit'> & { readonly point: JudgedPoint })[];
}

/** Everything that the judge knows of one rollout. */
interface Judged {
  rollout: Rollout;
  readonly judge: RolloutJudge;
  readonly series: JudgeSeriesBook;
  verdicts: readonly Verdict[];
}

/** In a larger fleet only who measures something is looked at: to look for the silent would take longer than a window may. */
const MOST_LOOKED_AT = 50_000;

const UNTOUCHED = { treated: false, inStage: false } as const;
/** All of a service that needs the changed one stands downstream of the change. */
const DOWNSTREAM = { treated: true, inStage: true } as const;

export interface JudgeDeskParts {
  readonly figures: FigureDesk;
  readonly world: () => World;
  readonly clock: Clock;
  readonly inContact: (uid: string) => boolean;
  /** What counts as exposure: a treated target of a stage measured this much. */
  readonly exposed: (rollout: Rollout, stage: string, role: string, sample: TargetSample) => void;
}

/**
 * Judges the rollouts that are under way by what is measured, window by window, and learns from all that is untouched. What it finds is
 * kept in the store: after a restart it goes on where that ends, and a window that was not stored is lost, never made up.
 */
export class JudgeDesk {
  readonly #parts: JudgeDeskParts;
  readonly #pasts: PastShelf;
  readonly #judged = new Map<string, Judged>();
  #unsaved: JudgedWindow[] = [];

  constructor(parts: JudgeDeskParts) {
    this.#parts = parts;
    this.#pasts = new PastShelf(parts.world, (service) => parts.figures.windowMsOf(service));
  }

  /** Takes up the pasts, and the rollouts that were under way when the last process ended. */
  async open(store: Store, running: Iterable<Rollout>): Promise<void> {
    await this.#pasts.open(store);
    for (const service of this.#parts.world().services.keys()) this.#pasts.of(service);
    for (const rollout of running) {
      const judged = this.#begin(rollout);
      for (const { body } of await store.judged(rollout.id)) {
        const { records, points } = body as unknown as JudgedBody;
        for (const record of records) judged.judge.replay(record);
        for (const { point, ...line } of points) judged.series.take(line, point);
      }
      judged.verdicts = judged.judge.verdicts();
    }
  }

  /** A rollout as it stands now. A stage is judged from when it was opened. */
  follow(rollout: Rollout): void {
    const judged = this.#judged.get(rollout.id) ?? this.#begin(rollout);
    judged.rollout = rollout;
    if (rollout.openings.length === 0 || !isJudged(rollout) || judged.judge.stage >= rollout.stage) return;
    const { service } = rollout.change;
    const now = this.#parts.clock.now();
    const began = judged.judge.begin(now, rollout.stage, this.#horizonOf(rollout), (of) =>
      this.#pasts.of(of ?? service),
    );
    judged.verdicts = judged.judge.verdicts();
    this.#keep(judged, { records: [began], points: [] }, now);
  }

  forget(rollout: string): void {
    this.#judged.delete(rollout);
  }

  /** Judges and learns what was measured in the windows that have ended since the last call. */
  look(): void {
    const under = [...this.#judged.values()].filter(({ rollout }) => isJudged(rollout) && rollout.openings.length > 0);
    const services = under.flatMap(({ rollout: { change, pipeline } }) => [
      change.service,
      ...pipeline.checks.flatMap(({ of }) => of ?? []),
    ]);
    this.#parts.figures.watch(new Set(services));
    for (const window of this.#parts.figures.takeClosed()) this.#take(window);
  }

  /** What the checks say of the present stage; none of a rollout that is not followed. */
  verdicts(rollout: string): readonly Verdict[] {
    return this.#judged.get(rollout)?.verdicts ?? [];
  }

  /** Checks of a pipeline that find what runs now far worse than it usually is, on these roles. */
  sickBefore(pipeline: Pipeline, roles: readonly string[]): NonNullable<Conditions['sick']> {
    return pipeline.checks.flatMap((check) => {
      const service = check.of ?? pipeline.service;
      const own = check.of === undefined ? roles : (this.#parts.world().services.get(service)?.roles ?? []);
      return own.flatMap((role) => {
        const { sickness } = this.#pasts.of(service).soundness(role, check);
        if (sickness === null) return [];
        const says = `it is at ${figure(sickness.level)}, and was at ${figure(sickness.usual)} at the worst of what is usual`;
        return [{ check: check.name, role, says }];
      });
    });
  }

  /** How the checks of a rollout have gone; of one that is not followed any more, as it was stored. */
  async series(store: Pick<Store, 'judged'>, rollout: Rollout): Promise<readonly JudgedSeries[]> {
    const book = this.#judged.get(rollout.id)?.series ?? new JudgeSeriesBook();
    if (!this.#judged.has(rollout.id))
      for (const { body } of await store.judged(rollout.id))
        for (const { point, ...line } of (body as unknown as JudgedBody).points) book.take(line, point);
    return book.series.map((line) => ({ ...line, calibration: this.#calibration(rollout, line) }));
  }

  #calibration(rollout: Rollout, { check: name, role }: Pick<JudgedSeries, 'check' | 'role'>): Calibration | null {
    const check = rollout.pipeline.checks.find((each) => each.name === name);
    if (check === undefined) return null;
    const own = check.of === undefined ? role : role.slice(check.of.length + 1);
    const service = check.of ?? rollout.change.service;
    return this.#pasts.of(service).calibration(own, check, this.#horizonOf(rollout));
  }

  /** For how many windows the present stage is to bake. */
  #horizonOf(rollout: Rollout): number {
    const { windowMs } = this.#pasts.of(rollout.change.service);
    return Math.max(1, Math.round(presentStage(rollout).bake.minimumMs / windowMs));
  }

  takeUnsaved(atTheEnd: boolean): { readonly judged: readonly JudgedWindow[]; readonly past: readonly PastPart[] } {
    const judged = this.#unsaved;
    this.#unsaved = [];
    return { judged, past: this.#pasts.takeUnsaved(this.#parts.clock.now(), atTheEnd) };
  }

  #take(window: FigureWindow): void {
    const { service, at } = window;
    const own: Judged[] = [];
    const above: Judged[] = [];
    for (const judged of this.#judged.values()) {
      const { change, pipeline, endedAt } = judged.rollout;
      if (endedAt !== null) continue;
      if (change.service === service) own.push(judged);
      else if (pipeline.checks.some(({ of }) => of === service)) above.push(judged);
    }
    const { untouched, figuresOf } = this.#sort(window, own);
    const book = this.#pasts.of(service);
    for (const judged of own.filter(({ rollout }) => isJudged(rollout))) {
      const byRole = figuresOf.get(judged) ?? new Map<string, TargetSample[]>();
      const records = judged.rollout.change.roles.flatMap((role) => {
        const samples = [...(byRole.get(role) ?? []), ...(untouched.get(role) ?? [])];
        return judged.judge.observe({ at, role, samples, faults: window.faults }, book);
      });
      this.#note(judged, records, at);
    }
    const roles = this.#parts.world().services.get(service)?.roles ?? [];
    for (const judged of above.filter(({ rollout }) => isJudged(rollout))) {
      const records = roles.flatMap((role) => {
        const downstream = (untouched.get(role) ?? []).map((sample) => ({ ...sample, ...DOWNSTREAM }));
        return judged.judge.observe({ at, role, of: service, samples: downstream, faults: window.faults }, book);
      });
      this.#note(judged, records, at);
    }
    // What may suffer from a change that is under way is nobody's past.
    if (above.some(({ rollout }) => rollout.openings.length > 0)) return;
    for (const [role, samples] of untouched) this.#pasts.keep(service, book.learn(at, role, samples), at);
  }

  /**
   * Each target's figures go to the arm it was in; those of a target that was in none for all of that time go nowhere. While something is
   * judged, who is in contact and measures nothing is there as well.
   */
  #sort(window: FigureWindow, own: readonly Judged[]) {
    const { figures, exposed } = this.#parts;
    const untouched = new Map<string, TargetSample[]>();
    const figuresOf = new Map<Judged, Map<string, TargetSample[]>>();
    for (const [target, gathered] of this.#heardIn(window, own.length > 0)) {
      const { uid } = target;
      const overdue = own.length > 0 ? figures.overdue(uid, window.lengthMs) : [];
      let isUntouched = true;
      for (const judged of own) {
        const { rollout } = judged;
        const arms = armsOf(rollout, target, { gathered, from: window.from }, figures.held);
        if (arms?.isReached) isUntouched = false;
        if (!arms?.treated) continue;
        const sample = sampleOf(uid, { treated: true, inStage: arms.stage === rollout.stage }, arms.treated, overdue);
        const byRole = figuresOf.get(judged) ?? new Map<string, TargetSample[]>();
        figuresOf.set(judged, byRole);
        put(byRole, target.role, sample);
        const stage = arms.stage === null ? undefined : rollout.pipeline.stages[arms.stage];
        if (stage !== undefined) exposed(rollout, stage.name, target.role, sample);
      }
      if (isUntouched) put(untouched, target.role, sampleOf(uid, UNTOUCHED, ofOneSlot(gathered), overdue));
    }
    return { untouched, figuresOf };
  }

  *#heardIn({ service, targets }: FigureWindow, all: boolean): Iterable<readonly [Target, readonly Gathered[]]> {
    const known = this.#parts.world().targets;
    for (const [uid, gathered] of targets) {
      const target = known.get(uid);
      if (target !== undefined) yield [target, gathered];
    }
    if (!all || known.size > MOST_LOOKED_AT) return;
    for (const target of known.values())
      if (target.service === service && !targets.has(target.uid) && this.#parts.inContact(target.uid))
        yield [target, []];
  }

  #note(judged: Judged, records: readonly JudgeRecord[], at: Instant): void {
    if (records.length === 0) return;
    judged.verdicts = judged.judge.verdicts();
    const points = judged.verdicts.map((verdict) => {
      const line = { check: verdict.check, role: verdict.role, unit: verdict.unit };
      return { ...line, point: pointOf(verdict, at, judged.judge.stage) };
    });
    for (const { point, ...line } of points) judged.series.take(line, point);
    this.#keep(judged, { records, points }, at);
  }

  #keep({ rollout }: Judged, body: JudgedBody, at: Instant): void {
    this.#unsaved.push({ rollout: rollout.id, at, body: body as unknown as Json });
  }

  #begin(rollout: Rollout): Judged {
    const { checks, errorBudget: budget, missRate = USUAL_MISS_RATE } = rollout.pipeline;
    const judge = new RolloutJudge({ checks, budget, missRate }, this.#rolesOf(rollout));
    const judged = { rollout, judge, series: new JudgeSeriesBook(), verdicts: judge.verdicts() };
    this.#judged.set(rollout.id, judged);
    return judged;
  }

  #rolesOf({ change, pipeline }: Rollout): JudgedRoles {
    const { services } = this.#parts.world();
    const nameOf = (uid: string) => this.#parts.world().targets.get(uid)?.name ?? uid;
    const named = pipeline.checks.flatMap(({ of }) => of ?? []);
    return {
      changed: change.roles,
      dependents: Object.fromEntries([...new Set(named)].map((name) => [name, services.get(name)?.roles ?? []])),
      nameOf,
    };
  }
}

/** On the way back nothing is judged any more: it has been. */
function isJudged({ endedAt, rollback }: Rollout): boolean {
  return endedAt === null && rollback === null;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function put(byRole: Map<string, TargetSample[]>, role: string, sample: TargetSample): void {
  const samples = byRole.get(role);
  if (samples === undefined) byRole.set(role, [sample]);
  else samples.push(sample);
}

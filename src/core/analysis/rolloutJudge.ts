import type { Instant } from '../kernel/instant.ts';
import { type CheckJudge, judgeOf, type Seen } from './checkJudge.ts';
import { type CheckSpec, worseOf } from './checkSpec.ts';
import type { JudgeRecord, Lack, StageBegan, WindowSeen } from './judgeRecord.ts';
import type { MetricFault } from './metricFault.ts';
import type { PastBook } from './pastBook.ts';
import type { Wrong } from './scope.ts';
import { budgetSpent, type Evidence, overspent } from './spentBudget.ts';
import type { TargetSample } from './targetSample.ts';
import { Traffic, type TrafficFinding, trafficOf } from './traffic.ts';
import type { Verdict } from './verdict.ts';
import { verdictOf } from './verdictOf.ts';

export interface JudgePolicy {
  readonly checks: readonly CheckSpec[];
  /** The probability with which a harmless rollout may be rolled back, over all its checks, roles, looks and stages. */
  readonly budget: number;
  /** The probability with which one check may pass, in one stage and role, a change that is beyond its margin. */
  readonly missRate: number;
}

/** Where the checks are asked: the roles that are changed, and those of each dependent service that a check names by `of`. */
export interface JudgedRoles {
  readonly changed: readonly string[];
  readonly dependents?: Readonly<Record<string, readonly string[]>>;
  /** What people call a target; left out: as it is. */
  readonly nameOf?: (target: string) => string;
}

export const USUAL_MISS_RATE = 0.05;

/** One check on one role. */
interface Asked {
  readonly check: CheckSpec;
  /** As in the verdict. */
  readonly role: string;
  /** The service's own name for the role, and the service where it is a dependent. */
  readonly own: string;
  readonly of: string | null;
  readonly judge: CheckJudge;
  fault: MetricFault | null;
  lacks: Lack | null;
  /** For how many windows treated targets have not reported what they used to. */
  deadFor: number;
  readonly traffic: Watched | null;
}

/** The traffic of one role, by one metric. */
interface Watched {
  readonly role: string;
  readonly own: string;
  readonly of: string | null;
  readonly traffic: Traffic;
}

/** The book of a dependent service, or of the one that is changed (`null`). */
export type BookOf = (dependent: string | null) => PastBook;

/** One window of one role. */
export interface RoleWindow {
  /** End of the window. */
  readonly at: Instant;
  readonly role: string;
  /** The dependent service that the role is of; left out: the one that is changed. */
  readonly of?: string;
  readonly samples: readonly TargetSample[];
  /** By metric: why it cannot be known now. */
  readonly faults?: ReadonlyMap<string, MetricFault>;
}

/** What one check has come to on one role. */
export interface Finding {
  readonly check: CheckSpec;
  readonly role: string;
  readonly isFailing: boolean;
  /** Nats for harm, and for none. */
  readonly harm: number;
  readonly noHarm: number;
  /** Of all treated targets where it fails, else of those of the present stage. */
  readonly seen: Seen;
  readonly fault: MetricFault | null;
  /** What there was nothing of in the last window. */
  readonly lacks: Lack | null;
  /** For how many windows treated targets have not reported what they used to. */
  readonly deadFor: number;
  /** What the check reads. */
  readonly metrics: readonly string[];
  /** Whether treated targets get what they used to get, where the check needs that. */
  readonly traffic: TrafficFinding | null;
}

/**
 * All checks of one rollout on all its roles, window after window, on one budget. Guardrails spend the budget of false rollbacks; signals,
 * which only hold, have one of their own of the same size.
 *
 * It is the fold of its records: {@link begin} and {@link observe} make records of what is measured and of the fleet's past, and take them
 * in as {@link replay} does. So whoever keeps the records gets the same judge back.
 */
export class RolloutJudge {
  readonly policy: JudgePolicy;
  readonly #asked: readonly Asked[];
  readonly #watched: readonly Watched[];
  readonly #nameOf: (target: string) => string;
  /** As of the last record; they take a millisecond each. */
  #verdicts: readonly Verdict[] | null = null;
  /** Signals that have failed in this stage: what was found stays found, for the person who is asked. */
  readonly #failed = new Set<Asked>();
  #stage = -1;
  #beganAt: Instant = 0;
  #seenAt: Instant = 0;

  constructor(policy: JudgePolicy, roles: JudgedRoles) {
    this.policy = policy;
    this.#nameOf = roles.nameOf ?? ((target) => target);
    const watched = new Map<string, Watched>();
    this.#asked = policy.checks.flatMap((check) => {
      const of = check.of ?? null;
      const owns = of === null ? roles.changed : (roles.dependents?.[of] ?? []);
      return owns.map((own): Asked => {
        const role = of === null ? own : `${of}/${own}`;
        // All targets of a dependent count as treated: there is no share to compare.
        const metric = of === null ? trafficOf(check) : null;
        const key = `${role} ${metric}`;
        if (metric !== null && !watched.has(key)) watched.set(key, { role, own, of, traffic: new Traffic(metric) });
        const traffic = watched.get(key) ?? null;
        return { check, own, of, role, judge: judgeOf(check), fault: null, lacks: null, deadFor: 0, traffic };
      });
    });
    this.#watched = [...watched.values()];
  }

  /** A stage begins, counted from 0, that is to bake for so many windows. */
  begin(at: Instant, stage: number, horizon: number, bookOf: BookOf): StageBegan {
    const noise = this.#asked.map(({ check, role, own, of, judge }) => ({
      check: check.name,
      role,
      ...judge.noiseOf(bookOf(of), own, horizon),
    }));
    const ofTraffic = this.#watched.map(({ role, own, of, traffic }) => ({
      check: traffic.name,
      role,
      ...traffic.noiseOf(bookOf(of), own, horizon),
    }));
    const record: StageBegan = { kind: 'began', at, stage, horizon, noise: [...noise, ...ofTraffic] };
    this.replay(record);
    return record;
  }

  /** One window of one role, before the book learns it. Nothing is judged before the first stage begins. */
  observe({ at, role, of, samples, faults }: RoleWindow, book: PastBook): readonly WindowSeen[] {
    if (this.#stage < 0) return [];
    const records = this.#asked
      .filter((asked) => asked.own === role && asked.of === (of ?? null))
      .map((asked): WindowSeen => {
        const fault = asked.judge.question.metrics
          .map((metric) => faults?.get(metric))
          .find((each) => each !== undefined);
        return {
          kind: 'seen',
          at,
          check: asked.check.name,
          role: asked.role,
          ...asked.judge.compare(book, role, samples),
          ...(fault === undefined ? {} : { fault }),
        };
      });
    const ofTraffic = this.#watched
      .filter((watched) => watched.own === role && watched.of === (of ?? null))
      .map(
        ({ traffic, role: said }): WindowSeen => ({
          kind: 'seen',
          at,
          check: traffic.name,
          role: said,
          ...traffic.compare(book, role, samples),
        }),
      );
    const all = [...records, ...ofTraffic];
    for (const record of all) this.replay(record);
    return all;
  }

  /** Takes in a record. One of a check or a role that it does not ask is left out. */
  replay(record: JudgeRecord): void {
    this.#verdicts = null;
    if (record.kind === 'began') {
      this.#stage = record.stage;
      this.#beganAt = record.at;
      this.#seenAt = record.at;
      this.#failed.clear();
      for (const noise of record.noise) {
        this.#find(noise)?.judge.begin(noise);
        this.#trafficOf(noise)?.begin(noise);
      }
      return;
    }
    if (record.ratio !== undefined) this.#trafficOf(record)?.see(record.ratio);
    const asked = this.#find(record);
    if (asked === undefined) return;
    this.#seenAt = Math.max(this.#seenAt, record.at);
    asked.fault = record.fault ?? null;
    asked.lacks = record.lacks ?? null;
    const isSilent =
      record.lacks === 'report' || record.lacks === 'silence' || (record.ratio ?? record.mean)?.silent !== undefined;
    asked.deadFor = isSilent ? asked.deadFor + 1 : 0;
    asked.judge.see(record);
    for (const one of this.#overspent('signal')) this.#failed.add(one);
  }

  /** The guardrails for which this rollout is to be rolled back; none while there is budget left. */
  failing(): readonly { readonly check: CheckSpec; readonly role: string }[] {
    return this.#overspent('guardrail').map(({ check, role }) => ({ check, role }));
  }

  /** Which part of the budget the evidence so far has come to; 1 and more rolls back. */
  get spent(): number {
    return budgetSpent(evidence(this.#of('guardrail')), this.policy.budget);
  }

  /** The stage that it judges, counted from 0; −1 before the first. */
  get stage(): number {
    return this.#stage;
  }

  findings(): readonly Finding[] {
    const failing = new Set([...this.#overspent('guardrail'), ...this.#overspent('signal'), ...this.#failed]);
    return this.#asked.map((asked) => {
      const { check, role, judge, fault, lacks, deadFor } = asked;
      const isFailing = failing.has(asked);
      const found = judge.seen(isFailing ? 'all' : 'stage', this.#wrongOf(check, isFailing));
      const [outliers, leftOut] = [found.outliers.map(this.#nameOf), found.leftOut.map(this.#nameOf)];
      const seen = { ...found, outliers, leftOut };
      const [harm, noHarm, { metrics }] = [judge.harm(), judge.noHarm(), judge.question];
      const traffic = asked.traffic?.traffic.finding(this.#watched.length) ?? null;
      return { check, role, isFailing, harm, noHarm, seen, fault, lacks, deadFor, metrics, traffic };
    });
  }

  /** What every check says on every role now. */
  verdicts(): readonly Verdict[] {
    this.#verdicts ??= this.#newVerdicts();
    return this.#verdicts;
  }

  #newVerdicts(): readonly Verdict[] {
    const { budget, missRate } = this.policy;
    return this.findings().map((finding, index) => {
      const judge = this.#asked[index]?.judge;
      return verdictOf(finding, {
        budget,
        alpha: this.#alphaOf(finding.check),
        missRate,
        beganAt: this.#beganAt,
        seenAt: this.#seenAt,
        harmAfter: (times) => judge?.harm(times) ?? 0,
        noHarmAfter: (times) => judge?.noHarm(times) ?? 0,
      });
    });
  }

  /** What decides is what bounds: so a pass has its bound within the margin, and a failure beyond it. Where both ways are worse one figure serves both. */
  #wrongOf(check: CheckSpec, isFailing: boolean): Wrong {
    const wrong = { harm: this.#alphaOf(check), none: this.policy.missRate };
    if (worseOf(check) !== 'either') return wrong;
    const one = isFailing ? wrong.harm : wrong.none;
    return { harm: one, none: one };
  }

  /** The part of the budget that one question has to itself. */
  #alphaOf(check: CheckSpec): number {
    return this.policy.budget / Math.max(1, this.#of(check.effect).length);
  }

  #of(effect: CheckSpec['effect']): readonly Asked[] {
    return this.#asked.filter(({ check }) => check.effect === effect);
  }

  #overspent(effect: CheckSpec['effect']): readonly Asked[] {
    const asked = this.#of(effect);
    return overspent(evidence(asked), this.policy.budget).flatMap((index) => asked[index] ?? []);
  }

  #trafficOf({ check, role }: { readonly check: string; readonly role: string }): Traffic | undefined {
    return this.#watched.find((watched) => watched.traffic.name === check && watched.role === role)?.traffic;
  }

  #find({ check, role }: { readonly check: string; readonly role: string }): Asked | undefined {
    return this.#asked.find((asked) => asked.check.name === check && asked.role === role);
  }
}

function evidence(asked: readonly Asked[]): readonly Evidence[] {
  return asked.map(({ judge }) => ({ weight: 1 / asked.length, evidence: judge.harm() }));
}

import type { Lack } from '../judgeRecord.ts';
import { leastRejected } from '../leastRejected.ts';
import { logSumExp } from '../logSumExp.ts';
import { allowedAt, type Margin, type Worse } from '../margin.ts';
import { LEFT_IN_DOUBT } from '../ratio/levelDoubt.ts';
import type { Scope, Wrong } from '../scope.ts';
import { SickLevel, type Sickness } from '../sickBaseline.ts';
import { Strays, standingOut } from '../strays.ts';
import { type MeanBoundary, MeanEvidence } from './meanEvidence.ts';
import type { MeanNoise, MeanPast, TargetMean } from './meanPast.ts';
import { meanStrayNats } from './meanStrayNats.ts';

export interface MeanSpec {
  readonly margin: Margin;
  readonly worse: Worse;
}

/** What one window adds to the evidence. Plain data. */
export interface MeanWindow {
  /** How much higher treated is than untouched, each against its own level, as a share of the untouched level; and the variance of that. */
  readonly all: readonly [higher: number, variance: number];
  /** The same of the targets of the present stage; left out where these are all, `null` where it has none. */
  readonly stage?: readonly [higher: number, variance: number] | null;
  /** Of the untouched targets, in the metric's own unit. */
  readonly level: number;
  readonly targets: readonly [treated: number, stage: number, untouched: number];
  /** Treated targets that reported it before and do no more, where they are more than the others. */
  readonly silent?: number;
  /** Untouched targets that are sick and were left out, the worst first; the first few of them. */
  readonly left?: readonly string[];
  /** Treated targets that stand out, likewise. */
  readonly strays?: readonly string[];
}

/** A target and whether it belongs to the present stage. */
export interface TreatedMean extends TargetMean {
  readonly inStage: boolean;
}

/** Of a difference worth telling, as a share of the untouched level: where the search for a bound begins. */
const SCALE = 0.01;
/** Where nothing is known of the noise, one target's window may be off by half. */
const UNKNOWN_VARIANCE = 0.25;

type Side = 'higher' | 'lower';
const SIDES: readonly Side[] = ['higher', 'lower'];
/** One of two does not stand out from the rest. */
const FEWEST_AMONG = 3;
const MOST_NAMED = 8;

/**
 * Compares the mean of a positive metric (latency, memory, queue length) of treated and untouched targets of one role, each against its
 * own level. Where no untouched target is left the fleet's last level stands in, and the hour is no longer told apart from the change.
 *
 * {@link compare} makes a window of what was measured, {@link see} takes it in: what is seen depends on those windows alone.
 */
export class MeanJudge {
  readonly #spec: MeanSpec;
  /** Over the whole rollout: harm. */
  readonly #harm = new MeanEvidence();
  /** Over the present stage: no harm. */
  #stage = { evidence: new MeanEvidence(), windows: 0 };
  /** What single targets did is not in the records: after a restart it is gathered anew. */
  readonly #strays: Readonly<Record<Side, Strays>> = { higher: new Strays(), lower: new Strays() };
  #noise: MeanNoise = { variance: UNKNOWN_VARIANCE, blocks: 0 };
  readonly #baseline: SickLevel;
  #windows = 0;
  #last: MeanWindow | null = null;

  constructor(spec: MeanSpec) {
    this.#spec = spec;
    this.#baseline = new SickLevel(spec.worse);
  }

  noiseOf(past: MeanPast, horizon: number): MeanNoise {
    const noise = past.noiseFor(horizon);
    return noise.blocks === 0 ? { ...noise, variance: UNKNOWN_VARIANCE } : noise;
  }

  /** A stage begins. */
  begin(noise: MeanNoise): void {
    this.#harm.begin();
    this.#stage = { evidence: new MeanEvidence(), windows: 0 };
    this.#noise = noise;
  }

  /** One window as it enters the evidence, or what there is nothing of. To be asked once for each window: who strays is told by all of them. */
  compare(
    past: MeanPast,
    treated: readonly TreatedMean[],
    others: readonly TargetMean[],
    /** Treated targets that did not report it. */
    quiet: readonly string[] = [],
  ): MeanWindow | Lack {
    past.reckonWith(this.#noise);
    const { kept: untouched, left } = past.sift(others);
    const level = past.levelNow(untouched) ?? past.lastLevel;
    const silent = quiet.filter((target) => past.knows(target) || this.#last !== null).length;
    if (treated.length === 0) return silent === 0 ? 'treated' : untouched.length > 0 ? 'report' : 'silence';
    if (!(level > 0)) return 'control';
    // Without an untouched arm the level of the past is as uncertain as that of one target.
    const doubt = 1 / Math.max(1, untouched.length);
    const higherOf = (targets: readonly TargetMean[]): readonly [number, number] => {
      let higher = 0;
      for (const { target, value } of targets) higher += value / (level * past.levelOf(target)) - 1;
      const { variance } = this.#noise;
      const unknown =
        this.#levelDoubt(past, targets) + (untouched.length === 0 ? 0 : this.#levelDoubt(past, untouched));
      const more = Math.max(0, unknown - (variance / targets.length) * LEFT_IN_DOUBT);
      return [higher / targets.length, variance / targets.length + variance * doubt + more];
    };
    const stage = treated.filter(({ inStage }) => inStage);
    const strays = this.#standingOut(
      level,
      treated.map(({ target, value }) => [target, value / (level * past.levelOf(target)) - 1]),
      this.#noise.variance * (1 + doubt),
    );
    return {
      all: higherOf(treated),
      ...(stage.length === treated.length ? {} : { stage: stage.length === 0 ? null : higherOf(stage) }),
      level,
      targets: [treated.length, stage.length, untouched.length],
      ...(silent > treated.length && untouched.length > 0 ? { silent } : {}),
      ...(left.length === 0 ? {} : { left: left.slice(0, MOST_NAMED) }),
      ...(strays.length === 0 ? {} : { strays: strays.slice(0, MOST_NAMED) }),
    };
  }

  /** A level that is taken for too low looks like harm for as long as a bake lasts: for as much variance of each of its windows. */
  #levelDoubt(past: MeanPast, arm: readonly TargetMean[]): number {
    const { horizon = 0, variance } = this.#noise;
    const doubts = arm.reduce((sum, { target }) => sum + past.doubtOf(target, variance), 0);
    return (horizon * doubts) / arm.length ** 2;
  }

  /** Treated targets that are beyond the margin each by itself. */
  #standingOut(
    level: number,
    treated: readonly (readonly [target: string, higher: number])[],
    variance: number,
  ): readonly string[] {
    if (treated.length < FEWEST_AMONG || this.#noise.blocks === 0) return [];
    const { worse, margin } = this.#spec;
    const allowed = allowedAt(margin, level) / level;
    const names = SIDES.filter((side) => worse === 'either' || worse === side).flatMap((side) => {
      const strays = this.#strays[side];
      const steps = treated.map(([target, higher]) => {
        const beyond = (side === 'higher' ? higher : -higher) - allowed;
        return [target, meanStrayNats(beyond, variance)] as const;
      });
      const sums = strays.after(steps);
      strays.take(sums);
      return standingOut(sums, treated.length);
    });
    return [...new Set(names)];
  }

  see(window: MeanWindow): void {
    const { all, stage = all, level } = window;
    this.#harm.add(...all, level);
    this.#windows++;
    if (stage !== null) {
      this.#stage.evidence.add(...stage, level);
      this.#stage.windows++;
    }
    this.#last = window;
    if (this.#noise.usual !== undefined && window.targets[2] > 0) this.#baseline.see(level, this.#noise.usual);
  }

  /** Whether the untouched arm itself is far from where it ever was. */
  get sickness(): Sickness | null {
    return this.#baseline.sickness;
  }

  harm(times = 1): number {
    const { worse } = this.#spec;
    if (worse === 'either') return logSumExp([this.#beyond('higher', times), this.#beyond('lower', times)]) - Math.LN2;
    return this.#beyond(worse, times);
  }

  noHarm(times = 1): number {
    const { worse } = this.#spec;
    if (worse === 'either') return Math.min(this.#within('higher', times), this.#within('lower', times));
    return this.#within(worse, times);
  }

  seen(scope: Scope): {
    readonly estimate: number | null;
    readonly windows: number;
    readonly level: number;
    readonly allowed: number;
  } {
    const level = this.#last?.level ?? 0;
    const [evidence, windows] =
      scope === 'all' ? [this.#harm, this.#windows] : [this.#stage.evidence, this.#stage.windows];
    return { estimate: evidence.estimate, windows, level, allowed: allowedAt(this.#spec.margin, level) };
  }

  get noise(): MeanNoise {
    return this.#noise;
  }

  get last(): MeanWindow | null {
    return this.#last;
  }

  /** Bounds on treated − untouched as a share of the untouched level, wrong at any look with a probability of at most these. */
  difference(scope: Scope, { harm, none }: Wrong): { readonly lower: number; readonly upper: number } {
    const evidence = scope === 'all' ? this.#harm : this.#stage.evidence;
    const [below, above] = this.#spec.worse === 'lower' ? [none, harm] : [harm, none];
    const at = (relative: number): MeanBoundary => ({ relative, absolute: 0 });
    return {
      lower: -leastRejected((x) => evidence.ofMore(at(-x)) >= -Math.log(below), SCALE),
      upper: leastRejected((x) => evidence.ofLess(at(x)) >= -Math.log(above), SCALE),
    };
  }

  #boundaries(side: Side): readonly MeanBoundary[] {
    const sign = side === 'higher' ? 1 : -1;
    const { relative, absolute } = this.#spec.margin;
    const found: MeanBoundary[] = [];
    if (relative !== undefined) found.push({ relative: sign * relative, absolute: 0 });
    if (absolute !== undefined) found.push({ relative: 0, absolute: sign * absolute });
    return found.length === 0 ? [{ relative: 0, absolute: 0 }] : found;
  }

  #beyond(side: Side, times: number): number {
    const found = this.#boundaries(side).map((boundary) =>
      side === 'higher' ? this.#harm.ofMore(boundary, times) : this.#harm.ofLess(boundary, times),
    );
    return Math.min(...found);
  }

  #within(side: Side, times: number): number {
    const { evidence } = this.#stage;
    const found = this.#boundaries(side).map((boundary) =>
      side === 'higher' ? evidence.ofLess(boundary, times) : evidence.ofMore(boundary, times),
    );
    return logSumExp(found) - Math.log(found.length);
  }
}

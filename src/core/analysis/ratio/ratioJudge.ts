import type { Lack } from '../judgeRecord.ts';
import { leastRejected } from '../leastRejected.ts';
import { logSumExp } from '../logSumExp.ts';
import { allowedAt, boundariesOf, type Margin, type Worse } from '../margin.ts';
import type { RatioQuestion } from '../question.ts';
import type { Scope, Wrong } from '../scope.ts';
import { SickBaseline, SickLevel, type Sickness, type Usual } from '../sickBaseline.ts';
import { Strays, standingOut } from '../strays.ts';
import { isOverdue, type TargetSample } from '../targetSample.ts';
import type { Dispersion } from './dispersion.ts';
import type { TargetWindow } from './fleetPast.ts';
import { dispersionWith, levelDoubt } from './levelDoubt.ts';
import { limitIn } from './quantileSamples.ts';
import { type ArmWindow, RatioEvidence } from './ratioEvidence.ts';
import { countsOf, type RatioPast } from './ratioPast.ts';
import { knownArm, type StandIn, standInOf } from './standIn.ts';
import { strayNats } from './strayNats.ts';
import type { Boundary } from './tilt.ts';

export interface RatioSpec {
  readonly question: RatioQuestion;
  readonly margin: Margin;
  /** `lower`: it is the treated rate falling that hurts ("traffic vanished"). */
  readonly worse: Worse;
}

/** What is known when a stage begins, and fixed for it. Plain data. */
export interface RatioNoise extends Dispersion {
  /** For how many windows it is to bake; left out: targets' levels are taken for known. */
  readonly horizon?: number;
  /** What the fleet as a whole usually does; left out where there is too little past. */
  readonly usual?: Usual;
  /** The past, for when nobody is left untouched; left out: there is none. */
  readonly before?: StandIn;
}

export type ArmFigures = readonly [events: number, exposure: number, expected: number];

/** What one window adds to the evidence: figures of the arms, each with what it was expected to count. Plain data. */
export interface RatioWindow {
  /** All treated targets. */
  readonly treated: ArmFigures;
  /** Those of the present stage; left out where these are all. */
  readonly stage?: ArmFigures;
  readonly untouched: ArmFigures;
  readonly targets: readonly [treated: number, stage: number, untouched: number];
  /** The share that was usual before this window. */
  readonly share: number | null;
  /** Where levels are in doubt: what is reckoned with instead of the noise's factor, for all and for those of the stage. */
  readonly dispersion?: readonly [all: number, stage: number];
  /** Where events are values above a limit: what is usual, and the limit that could be told on treated targets. */
  readonly limit?: readonly [usual: number, limit: number];
  /** Treated targets that reported it before and do no more, where they are more than the others. */
  readonly silent?: number;
  /** Untouched targets that are sick and were left out, the worst first; the first few of them. */
  readonly left?: readonly string[];
  /** Treated targets that stand out, likewise. */
  readonly strays?: readonly string[];
  /** Nobody was left untouched; the past stood in, with a rate between these. */
  readonly before?: readonly [lower: number, upper: number];
}

/** Where nothing is known of the noise, counts are taken for clusters of two. */
const UNKNOWN_DISPERSION = 2;

export interface RatioSeen {
  readonly treated: ArmTotal;
  readonly untouched: ArmTotal;
  readonly allowed: number;
}

/** What an arm counted. */
export interface ArmTotal {
  readonly events: number;
  readonly exposure: number;
}

type Side = 'higher' | 'lower';

/**
 * Compares event rates, or shares of trials, of treated and untouched targets of one role, window by window, each target weighed by its
 * own past. Where no untouched target is left it compares with the fleet's own past, which cannot tell the hour from the change.
 *
 * {@link compare} makes a window of what was measured, {@link see} takes it in: what is seen depends on those windows alone.
 */
export class RatioJudge {
  readonly #spec: RatioSpec;
  readonly #sides: readonly Side[];
  /** Over the whole rollout: harm. */
  readonly #harm: Readonly<Record<Side, RatioEvidence>> = { higher: new RatioEvidence(), lower: new RatioEvidence() };
  /** Over the present stage: no harm. What other targets proved proves nothing for these. */
  #stage = newStage();
  /** What single targets did is not in the records: after a restart it is gathered anew. */
  readonly #strays: Readonly<Record<Side, Strays>> = { higher: new Strays(), lower: new Strays() };
  readonly #sick: Readonly<Record<Side, SickBaseline>> = {
    higher: new SickBaseline('higher'),
    lower: new SickBaseline('lower'),
  };
  /** Where events are values above what is usual, it is that which may be sick. */
  readonly #sickLevel = new SickLevel('higher');
  #noise: RatioNoise = { factor: 1, blocks: 0, length: 1 };
  #last: RatioWindow | null = null;
  readonly #treated = { events: 0, exposure: 0 };
  readonly #untouched = { events: 0, exposure: 0 };

  constructor(spec: RatioSpec) {
    this.#spec = spec;
    this.#sides = spec.worse === 'either' ? ['higher', 'lower'] : [spec.worse];
  }

  noiseOf(past: RatioPast, horizon: number): RatioNoise {
    const { question } = this.#spec;
    const dispersion = past.dispersion(horizon);
    const known = dispersion.blocks === 0 ? { ...dispersion, factor: UNKNOWN_DISPERSION } : dispersion;
    const usual = past.usualLevels(horizon);
    const usually = usual === null ? {} : { usual };
    const { windows } = past.fleet;
    const before = standInOf(
      past.fleet.between(0, windows, windows),
      known.factor,
      question.slowest === null ? usual : null,
    );
    return { ...known, horizon, ...usually, ...(before === null ? {} : { before }) };
  }

  /** A stage begins. */
  begin(noise: RatioNoise): void {
    for (const side of SIDES) this.#harm[side].begin();
    this.#stage = newStage();
    this.#noise = noise;
  }

  /** One window as it enters the evidence, or what there is nothing of. To be asked once for each window: who strays is told by all of them. */
  compare(past: RatioPast, samples: readonly TargetSample[]): RatioWindow | Lack {
    const { question } = this.#spec;
    past.reckonWith(this.#noise);
    const [treatedSamples, rest] = [samples.filter(isTreated), samples.filter((sample) => !sample.treated)];
    const usual = past.usualIn(rest);
    const limit = usual === null ? null : this.#limit(usual, treatedSamples);
    if (limit === Number.POSITIVE_INFINITY) return 'buckets';
    const treated = countsOf(question, treatedSamples, limit);
    const { kept: untouched, left } = past.sift(countsOf(question, rest, usual));
    if (question.slowest !== null && usual === null) return treatedSamples.length === 0 ? 'treated' : 'control';
    const reporting = new Set(treated.map(({ target }) => target));
    const silent = treatedSamples.filter(
      (sample) =>
        !reporting.has(sample.target) && this.#reported(past, sample.target) && isOverdue(sample, question.metrics),
    ).length;
    if (treated.length === 0) return silent === 0 ? 'treated' : untouched.length > 0 ? 'report' : 'silence';
    if (isStill([...treated, ...untouched])) return 'movement';
    const inStage = new Set(treatedSamples.filter((sample) => sample.inStage).map(({ target }) => target));
    const stage = treated.filter(({ target }) => inStage.has(target));
    const arm = armOf(past, treated);
    const present = armOf(past, untouched);
    const before = present[2] > 0 ? null : this.#before(arm);
    if (present[2] <= 0 && before === null) return 'control';
    const strays = this.#standingOut(past, treated, before?.arm ?? present);
    const others = before === null ? untouched : [];
    const isAll = stage.length === treated.length;
    const own = isAll ? arm : armOf(past, stage);
    const doubted = isAll ? [treated] : [treated, stage];
    const dispersion = this.#dispersionOf(past, before?.arm ?? present, others, doubted, [arm, own]);
    return {
      treated: arm,
      ...(isAll ? {} : { stage: own }),
      untouched: before?.arm ?? present,
      targets: [treated.length, stage.length, untouched.length],
      share: question.ofTrials ? past.fleet.rate : null,
      ...(dispersion === null ? {} : { dispersion }),
      ...(usual === null || limit === null ? {} : { limit: [usual, limit] }),
      ...(before === null ? {} : { before: before.bounds }),
      ...(silent > treated.length && untouched.length > 0 ? { silent } : {}),
      ...(left.length === 0 ? {} : { left: left.slice(0, MOST_NAMED) }),
      ...(strays.length === 0 ? {} : { strays: strays.slice(0, MOST_NAMED) }),
    };
  }

  /** With the doubt about the levels of both arms; `null` where there is none to speak of. */
  #dispersionOf(
    past: RatioPast,
    [events, , expected]: ArmFigures,
    untouched: readonly TargetWindow[],
    arms: readonly (readonly TargetWindow[])[],
    figures: readonly [all: ArmFigures, stage: ArmFigures],
  ): readonly [all: number, stage: number] | null {
    const { factor, horizon } = this.#noise;
    if (horizon === undefined) return null;
    const rate = past.fleet.rate ?? events / expected;
    const other = levelDoubt(past.fleet, untouched, factor);
    const [all = factor, own = all] = arms.map((arm, index) =>
      dispersionWith(factor, levelDoubt(past.fleet, arm, factor) + other, rate * (figures[index]?.[2] ?? 0) * horizon),
    );
    return all === factor && own === factor ? null : [all, own];
  }

  /** Whether this target ever reported it, as far as is known. */
  #reported(past: RatioPast, target: string): boolean {
    return past.fleet.knows(target) || this.#last !== null;
  }

  /** Treated targets that are beyond the margin each by itself. */
  #standingOut(past: RatioPast, treated: readonly TargetWindow[], [events, , expected]: ArmFigures): readonly string[] {
    if (treated.length < FEWEST_AMONG || this.#noise.blocks === 0) return [];
    const names = this.#sides.flatMap((side) => {
      const strays = this.#strays[side];
      const steps = treated.map((each) => {
        const own = { ...each, expected: each.exposure * past.fleet.levelOf(each.target) };
        const boundaries = strayBoundaries(side, this.#boundaries('higher'));
        const nats = strayNats(own, { events, expected }, boundaries, ALONE[side], this.#noise.factor);
        return [each.target, nats] as const;
      });
      const sums = strays.after(steps);
      strays.take(sums);
      return standingOut(sums, treated.length);
    });
    return [...new Set(names)];
  }

  see(window: RatioWindow): void {
    const [all, own] = window.dispersion ?? [this.#noise.factor, this.#noise.factor];
    const { share } = window;
    const [treated, untouched, stage] = [window.treated, window.untouched, window.stage ?? window.treated].map(toArm);
    if (treated === undefined || untouched === undefined || stage === undefined) return;
    add(this.#treated, treated);
    add(this.#untouched, untouched);
    add(this.#stage.treated, stage);
    add(this.#stage.untouched, untouched);
    for (const side of this.#sides) {
      // Where lower is worse the arms are exchanged.
      const [forHarm, forNone] = othersOf(window, side, treated, stage) ?? [untouched, untouched];
      this.#harm[side].add(paired(side, treated, forHarm), { dispersion: all, share });
      this.#stage.evidence[side].add(paired(side, stage, forNone), { dispersion: own, share });
    }
    this.#last = window;
    this.#watchBaseline(window);
  }

  #watchBaseline({ untouched: [events, exposure], limit, before }: RatioWindow): void {
    const { usual, factor } = this.#noise;
    if (usual === undefined || before !== undefined) return;
    if (limit !== undefined) this.#sickLevel.see(limit[0], usual);
    else for (const side of this.#sides) this.#sick[side].see(events, exposure, usual, factor);
  }

  /** Above what a treated target's value counted in the last window, and whether the margin asks for less. */
  get limit(): { readonly told: number; readonly isCoarse: boolean } | null {
    if (this.#last?.limit === undefined) return null;
    const [usual, told] = this.#last.limit;
    return { told, isCoarse: told > (usual + allowedAt(this.#spec.margin, usual)) * (1 + 1e-9) };
  }

  /** Whether the untouched arm itself is far worse than it ever was. */
  get sickness(): Sickness | null {
    return this.#sick.higher.sickness ?? this.#sick.lower.sickness ?? this.#sickLevel.sickness;
  }

  /** Nats that speak for the treated arm being worse than the margin allows, or would if all went on `times` as long. */
  harm(times = 1): number {
    const found = this.#sides.map((side) =>
      Math.min(...this.#boundaries(side).map((boundary) => this.#harm[side].ofHarm(boundary, times))),
    );
    return logSumExp(found) - Math.log(found.length);
  }

  /** Nats that speak for the present stage's being within the margin. */
  noHarm(times = 1): number {
    const found = this.#sides.map((side) => {
      const evidence = this.#stage.evidence[side];
      const each = this.#boundaries(side).map((boundary) => evidence.ofNoHarm(boundary, times));
      return logSumExp(each) - Math.log(each.length);
    });
    return Math.min(...found);
  }

  seen(scope: Scope): RatioSeen {
    const { treated, untouched } =
      scope === 'all' ? { treated: this.#treated, untouched: this.#untouched } : this.#stage;
    return { treated, untouched, allowed: this.#allowed(rateOf(untouched) ?? 0) };
  }

  get noise(): RatioNoise {
    return this.#noise;
  }

  get last(): RatioWindow | null {
    return this.#last;
  }

  /** Bounds on treated − untouched in the metric's own unit, wrong at any look with a probability of at most these. */
  difference(scope: Scope, wrong: Wrong): { readonly lower: number; readonly upper: number } {
    const side = this.#sides[0] ?? 'higher';
    const evidence = scope === 'all' ? this.#harm[side] : this.#stage.evidence[side];
    const { treated, untouched } = this.seen(scope);
    const scale = Math.max(1e-12, rateOf(treated) ?? 0, rateOf(untouched) ?? 0);
    const isLess = (margin: number) => evidence.ofHarm({ tolerance: 1, margin }) >= -Math.log(wrong.harm);
    const isMore = (margin: number) => evidence.ofNoHarm({ tolerance: 1, margin }) >= -Math.log(wrong.none);
    const [least, most] = [-leastRejected((x) => isLess(-x), scale), leastRejected(isMore, scale)];
    return side === 'lower' ? { lower: -most, upper: -least } : { lower: least, upper: most };
  }

  /** Of quantiles the margin is in the limit. */
  #boundaries(side: Side): readonly Boundary[] {
    const boundaries = this.#spec.question.slowest === null ? boundariesOf(this.#spec.margin) : boundariesOf({});
    if (side === 'higher') return boundaries;
    // The arms are exchanged: the untouched rate is at most 1 / (1 − relative) times the treated one.
    return boundaries.map(({ tolerance, margin }) => ({ tolerance: 1 / Math.max(1e-3, 2 - tolerance), margin }));
  }

  #allowed(level: number): number {
    if (this.#spec.question.slowest === null) return allowedAt(this.#spec.margin, level);
    return 0;
  }

  /** Above what value a treated target's counts: what is usual and the margin, or more where sketches cannot tell it. */
  #limit(usual: number, treated: readonly TargetSample[]): number {
    const metric = this.#spec.question.slowest?.metric ?? '';
    const figures = treated.flatMap(({ values }) => {
      const found = values.get(metric);
      return found === undefined ? [] : [found];
    });
    return limitIn(figures, usual + allowedAt(this.#spec.margin, usual));
  }

  /** The fleet's past in the place of the untouched arm; `null` where there is none. */
  #before([, exposure, expected]: ArmFigures): { arm: ArmFigures; bounds: readonly [number, number] } | null {
    const { before } = this.#noise;
    if (before === undefined) return null;
    return { arm: [before.rate * exposure, exposure, expected], bounds: [before.lower, before.upper] };
  }
}

/** How many times what is accepted a single target is looked for at. */
const ALONE: Readonly<Record<Side, number>> = { higher: 3, lower: 1 / 3 };
/** One of two does not stand out from the rest. */
const FEWEST_AMONG = 3;
const MOST_NAMED = 8;

/** Where lower is worse the same margin counts downwards. */
function strayBoundaries(side: Side, boundaries: readonly Boundary[]): readonly Boundary[] {
  if (side === 'higher') return boundaries;
  return boundaries.map(({ tolerance, margin }) => ({ tolerance: Math.max(1e-3, 2 - tolerance), margin: -margin }));
}

const SIDES: readonly Side[] = ['higher', 'lower'];

function newStage() {
  return {
    evidence: { higher: new RatioEvidence(), lower: new RatioEvidence() } as Readonly<Record<Side, RatioEvidence>>,
    treated: { events: 0, exposure: 0 },
    untouched: { events: 0, exposure: 0 },
  };
}

/**
 * Where the past stands in, its rate is taken for what speaks least for what is to be shown: against harm for as bad as it may have been, and
 * against none for as good.
 */
function othersOf(
  { before }: RatioWindow,
  side: Side,
  treated: ArmWindow,
  stage: ArmWindow,
): [ArmWindow, ArmWindow] | null {
  if (before === undefined) return null;
  const [lower, upper] = before;
  const [harm, none] = side === 'higher' ? [upper, lower] : [lower, upper];
  return [
    toArm(knownArm(harm, treated.exposure, treated.expected)),
    toArm(knownArm(none, stage.exposure, stage.expected)),
  ];
}

function paired(side: Side, treated: ArmWindow, untouched: ArmWindow) {
  return side === 'lower' ? { treated: untouched, untouched: treated } : { treated, untouched };
}

export function rateOf({ events, exposure }: ArmTotal): number | null {
  return exposure > 0 ? events / exposure : null;
}

/** Without exposure there was nothing that could have happened. */
function isStill(counts: readonly TargetWindow[]): boolean {
  return counts.every(({ exposure }) => exposure === 0);
}

function isTreated({ treated }: TargetSample): boolean {
  return treated;
}

function armOf(past: RatioPast, counts: readonly TargetWindow[]): ArmFigures {
  let [events, exposure, expected] = [0, 0, 0];
  for (const count of counts) {
    events += count.events;
    exposure += count.exposure;
    expected += count.exposure * past.fleet.levelOf(count.target);
  }
  return [events, exposure, expected];
}

function toArm([events, exposure, expected]: ArmFigures): ArmWindow {
  return { events, exposure, expected };
}

function add(total: { events: number; exposure: number }, more: ArmWindow): void {
  total.events += more.events;
  total.exposure += more.exposure;
}

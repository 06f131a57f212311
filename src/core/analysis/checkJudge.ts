import type { CheckSpec } from './checkSpec.ts';
import { MeanJudge } from './mean/meanJudge.ts';
import type { TargetWindow } from './ratio/fleetPast.ts';
import { above, quantileOf } from './ratio/quantileSamples.ts';
import { RatioJudge, rateOf } from './ratio/ratioJudge.ts';

/** What one target counted and measured in one window, by metric. A metric that is missing was not reported: that is not 0. */
export interface TargetSample {
  readonly target: string;
  readonly treated: boolean;
  readonly values: ReadonlyMap<string, readonly number[]>;
}

/** What a check has seen, for people and plots. */
export interface Seen {
  /** Treated minus untouched in the metric's own unit, and its confidence sequence. */
  readonly estimate: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** The most by which treated may be worse, in the same unit. */
  readonly allowed: number;
  readonly treated: Arm;
  readonly untouched: Arm;
  /** Variance over what independent counts would have, or of one target's window; from so many blocks of the past. */
  readonly noise: { readonly figure: number; readonly blocks: number };
  readonly compared: 'at-the-same-time' | 'before';
}

export interface Arm {
  readonly level: number | null;
  /** Trials, target-minutes or windows: whatever the check counts its exposure in. */
  readonly exposure: number;
  readonly targets: number;
}

/** One check on one role, window after window. Evidence is in nats, and fit to be looked at at any time. */
export interface CheckJudge {
  /** A stage begins that is to bake for so many windows. */
  begin(horizon: number): void;
  observe(samples: readonly TargetSample[]): void;
  harm(): number;
  noHarm(): number;
  seen(alpha: number): Seen;
}

export function judgeOf(check: CheckSpec): CheckJudge {
  switch (check.kind) {
    case 'failureProportion':
      return ratio(
        { margin: check.margin, worse: 'higher', ofTrials: true },
        counts(({ values }) => pair(sum(values.get(check.failures)), sum(values.get(check.total)))),
      );
    case 'eventRate':
      return ratio(
        { margin: check.margin, worse: 'higher', ofTrials: false },
        counts(({ values }) => pair(sum(values.get(check.events)), 1)),
      );
    case 'vanished':
      return ratio(
        { margin: { relative: 1 - check.atLeast }, worse: 'lower', ofTrials: false },
        counts(({ values }) => pair(sum(values.get(check.events)), 1)),
      );
    case 'health':
      return ratio(
        { margin: check.margin, worse: 'higher', ofTrials: true },
        counts(({ values }) => {
          const looks = values.get(check.metric);
          return looks === undefined
            ? null
            : { events: looks.filter((well) => well < 0.5).length, exposure: looks.length };
        }),
      );
    case 'quantile':
      return ratio(
        { margin: {}, worse: 'higher', ofTrials: true },
        slowest(check.metric, check.quantile, check.margin),
      );
    case 'mean':
      return mean(check);
  }
}

type Count = Pick<TargetWindow, 'events' | 'exposure'>;
type Split = (samples: readonly TargetSample[]) => {
  readonly treated: readonly TargetWindow[];
  readonly untouched: readonly TargetWindow[];
};

function counts(countOf: (sample: TargetSample) => Count | null): Split {
  return (samples) => {
    const treated: TargetWindow[] = [];
    const untouched: TargetWindow[] = [];
    for (const sample of samples) {
      const count = countOf(sample);
      if (count !== null) (sample.treated ? treated : untouched).push({ target: sample.target, ...count });
    }
    return { treated, untouched };
  };
}

/** What is slow is what the untouched targets of the same window say, and where there are none, what they last said. */
function slowest(metric: string, q: number, margin: { readonly relative?: number; readonly absolute?: number }): Split {
  let usual: number | null = null;
  return (samples) => {
    const of = (treated: boolean) =>
      samples.flatMap((sample) => {
        const values = sample.values.get(metric);
        return sample.treated === treated && values !== undefined ? [{ target: sample.target, values }] : [];
      });
    const [treated, untouched] = [of(true), of(false)];
    usual =
      quantileOf(
        untouched.flatMap(({ values }) => values),
        q,
      ) ?? usual;
    if (usual === null) return { treated: [], untouched: [] };
    const limit = Math.max(usual * (1 + (margin.relative ?? 0)), usual + (margin.absolute ?? 0));
    return { treated: above(treated, limit), untouched: above(untouched, usual) };
  };
}

function ratio(spec: ConstructorParameters<typeof RatioJudge>[0], split: Split): CheckJudge {
  const judge = new RatioJudge(spec);
  let targets = { treated: 0, untouched: 0 };
  return {
    begin: (horizon) => judge.begin(horizon),
    observe: (samples) => {
      const { treated, untouched } = split(samples);
      targets = { treated: treated.length, untouched: untouched.length };
      judge.observe(treated, untouched);
    },
    harm: () => judge.harm(),
    noHarm: () => judge.noHarm(),
    seen: (alpha) => {
      const { treated, untouched, dispersion, compared, allowed } = judge.seen;
      const [own, other] = [rateOf(treated), rateOf(untouched)];
      const { lower, upper } = judge.difference(alpha);
      return {
        estimate: own === null || other === null ? null : own - other,
        lower: finite(lower),
        upper: finite(upper),
        allowed,
        treated: { level: own, exposure: treated.exposure, targets: targets.treated },
        untouched: { level: other, exposure: untouched.exposure, targets: targets.untouched },
        noise: { figure: dispersion.factor, blocks: dispersion.blocks },
        compared,
      };
    },
  };
}

function mean(check: Extract<CheckSpec, { kind: 'mean' }>): CheckJudge {
  const judge = new MeanJudge(check);
  return {
    begin: (horizon) => judge.begin(horizon),
    observe: (samples) => {
      const of = (treated: boolean) =>
        samples.flatMap((sample) => {
          const values = sample.values.get(check.metric);
          if (sample.treated !== treated || values === undefined || values.length === 0) return [];
          return [{ target: sample.target, value: (sum(values) ?? 0) / values.length }];
        });
      judge.observe(of(true), of(false));
    },
    harm: () => judge.harm(),
    noHarm: () => judge.noHarm(),
    seen: (alpha) => {
      const { estimate, level, windows, targets, allowed, noise, compared } = judge.seen;
      const { lower, upper } = judge.difference(alpha);
      return {
        estimate: estimate === null ? null : estimate * level,
        lower: finite(lower * level),
        upper: finite(upper * level),
        allowed,
        treated: { level: estimate === null ? null : level * (1 + estimate), exposure: windows, targets },
        untouched: { level: level === 0 ? null : level, exposure: windows, targets: 0 },
        noise: { figure: noise.variance, blocks: noise.blocks },
        compared,
      };
    },
  };
}

function sum(values: readonly number[] | undefined): number | null {
  return values === undefined ? null : values.reduce((total, value) => total + value, 0);
}

function pair(events: number | null, exposure: number | null): Count | null {
  return events === null || exposure === null ? null : { events, exposure };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

import { type CheckSpec, marginOf, worseOf } from './checkSpec.ts';
import type { Noise, WindowSeen } from './judgeRecord.ts';
import { MeanJudge } from './mean/meanJudge.ts';
import { meansOf, type PastBook } from './pastBook.ts';
import { type MeanQuestion, type Question, questionOf, type RatioQuestion } from './question.ts';
import { RatioJudge, rateOf } from './ratio/ratioJudge.ts';
import type { Scope, Wrong } from './scope.ts';
import type { Sickness } from './sickBaseline.ts';
import { isOverdue, type TargetSample } from './targetSample.ts';
import type { VerdictArm } from './verdict.ts';

/** What a check has seen, for people and plots. */
export interface Seen {
  /** Treated minus untouched in the metric's own unit, and its confidence sequence. */
  readonly estimate: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** The most by which treated may be worse, in the same unit. */
  readonly allowed: number;
  readonly treated: VerdictArm;
  readonly untouched: VerdictArm;
  /** Variance over what independent counts would have, or of one target's window; from so many blocks of the past. */
  readonly noise: { readonly figure: number; readonly blocks: number };
  readonly compared: 'at-the-same-time' | 'before';
  /** As in the verdict, in the last window. */
  readonly outliers: readonly string[];
  readonly leftOut: readonly string[];
  /** Where events are values above a limit: that limit, and whether it is a bucket's end above what the margin asks for. */
  readonly limit: { readonly told: number; readonly isCoarse: boolean } | null;
  /** The untouched arm itself is far worse than it ever was. */
  readonly sickness: Sickness | null;
}

type Measured = Pick<WindowSeen, 'ratio' | 'mean' | 'lacks'>;
type Frozen = Noise extends infer Each ? (Each extends Noise ? Omit<Each, 'check' | 'role'> : never) : never;

/** One check on one role, window after window. Evidence is in nats, and fit to be looked at at any time. */
export interface CheckJudge {
  readonly question: Question;
  /** How far figures stray, as the past says now, for a stage of so many windows. */
  noiseOf(book: PastBook, role: string, horizon: number): Frozen;
  /** One window as it enters the evidence; to be asked once for each. What is seen does not change before {@link see}. */
  compare(book: PastBook, role: string, samples: readonly TargetSample[]): Measured;
  begin(noise: Noise): void;
  see(window: Measured): void;
  /** With `times`: had the present stage gone on in the same way so many times as long. */
  harm(times?: number): number;
  noHarm(times?: number): number;
  seen(scope: Scope, wrong: Wrong): Seen;
}

export function judgeOf(check: CheckSpec): CheckJudge {
  const question = questionOf(check);
  return question.family === 'ratio' ? ratio(check, question) : mean(check, question);
}

function ratio(check: CheckSpec, question: RatioQuestion): CheckJudge {
  const judge = new RatioJudge({ question, margin: marginOf(check), worse: worseOf(check) });
  return {
    question,
    noiseOf: (book, role, horizon) => ({ family: 'ratio', noise: judge.noiseOf(book.ratio(role, question), horizon) }),
    compare: (book, role, samples) => {
      const window = judge.compare(book.ratio(role, question), samples);
      return typeof window === 'string' ? { lacks: window } : { ratio: window };
    },
    begin: (noise) => {
      if (noise.family === 'ratio') judge.begin(noise.noise);
    },
    see: (window) => {
      if (window.ratio !== undefined) judge.see(window.ratio);
    },
    harm: (times) => judge.harm(times),
    noHarm: (times) => judge.noHarm(times),
    seen: (scope, wrong) => {
      const { treated, untouched, allowed } = judge.seen(scope);
      const [own, other] = [rateOf(treated), rateOf(untouched)];
      const { lower, upper } = judge.difference(scope, wrong);
      const [all, stage, others] = judge.last?.targets ?? [0, 0, 0];
      return {
        estimate: own === null || other === null ? null : own - other,
        lower: finite(lower),
        upper: finite(upper),
        allowed,
        treated: { level: own, exposure: treated.exposure, targets: scope === 'all' ? all : stage },
        untouched: { level: other, exposure: untouched.exposure, targets: others },
        noise: { figure: judge.noise.factor, blocks: judge.noise.blocks },
        compared: judge.last?.before === undefined ? 'at-the-same-time' : 'before',
        outliers: judge.last?.strays ?? [],
        leftOut: judge.last?.left ?? [],
        limit: judge.limit,
        sickness: judge.sickness,
      };
    },
  };
}

function mean(check: CheckSpec, question: MeanQuestion): CheckJudge {
  const judge = new MeanJudge({ margin: marginOf(check), worse: worseOf(check) });
  return {
    question,
    noiseOf: (book, role, horizon) => ({ family: 'mean', noise: judge.noiseOf(book.mean(role, question), horizon) }),
    compare: (book, role, samples) => {
      const treated = samples.filter((sample) => sample.treated);
      const inStage = new Set(treated.filter((sample) => sample.inStage).map(({ target }) => target));
      const own = meansOf(question, treated).map((each) => ({ ...each, inStage: inStage.has(each.target) }));
      const others = meansOf(
        question,
        samples.filter((sample) => !sample.treated),
      );
      const reporting = new Set(own.map(({ target }) => target));
      const isQuiet = (sample: TargetSample) => !reporting.has(sample.target) && isOverdue(sample, question.metrics);
      const quiet = treated.filter(isQuiet).map(({ target }) => target);
      const window = judge.compare(book.mean(role, question), own, others, quiet);
      return typeof window === 'string' ? { lacks: window } : { mean: window };
    },
    begin: (noise) => {
      if (noise.family === 'mean') judge.begin(noise.noise);
    },
    see: (window) => {
      if (window.mean !== undefined) judge.see(window.mean);
    },
    harm: (times) => judge.harm(times),
    noHarm: (times) => judge.noHarm(times),
    seen: (scope, wrong) => {
      const { estimate, level, windows, allowed } = judge.seen(scope);
      const { lower, upper } = judge.difference(scope, wrong);
      const [all, stage, others] = judge.last?.targets ?? [0, 0, 0];
      return {
        estimate: estimate === null ? null : estimate * level,
        lower: finite(lower * level),
        upper: finite(upper * level),
        allowed,
        treated: {
          level: estimate === null ? null : level * (1 + estimate),
          exposure: windows,
          targets: scope === 'all' ? all : stage,
        },
        untouched: { level: level === 0 ? null : level, exposure: windows, targets: others },
        noise: { figure: judge.noise.variance, blocks: judge.noise.blocks },
        compared: judge.last !== null && others === 0 ? 'before' : 'at-the-same-time',
        outliers: judge.last?.strays ?? [],
        leftOut: judge.last?.left ?? [],
        limit: null,
        sickness: judge.sickness,
      };
    },
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

import type { CheckSpec } from './checkSpec.ts';
import type { Noise, WindowSeen } from './judgeRecord.ts';
import type { PastBook } from './pastBook.ts';
import { rateOf } from './question.ts';
import { RatioJudge, type RatioWindow } from './ratio/ratioJudge.ts';
import { ENOUGH_FOR_ONE, RISK } from './strays.ts';
import type { TargetSample } from './targetSample.ts';

/** What treated targets get of what they would get if all were as before. */
export interface TrafficFinding {
  /** 1: all of it. */
  readonly share: number;
  readonly metric: string;
  /** `dead`: nothing at all, while the others go on. */
  readonly found: 'dead' | 'mismatch' | 'usual';
}

/** Another share than this many times the usual, either way, is a mismatch. */
const ACCEPTED = 0.2;

/** The metric that counts what is asked of a target, where a check needs it to be as before. */
export function trafficOf(check: CheckSpec): string | null {
  return check.kind === 'failureProportion' ? check.total : null;
}

/**
 * Whether treated targets get the traffic that they used to get, seen beside the untouched ones (sample ratio). Where they do not, what
 * they serve is not what the others serve, and shares of failures cannot be compared. It is asked as an event rate with a margin on both
 * sides, on a risk of its own.
 */
export class Traffic {
  readonly metric: string;
  readonly #judge: RatioJudge;
  #counted = 0;
  #due = 0;
  /** Nats against "this silence is chance", since it began. */
  #silence = 0;

  constructor(metric: string) {
    this.metric = metric;
    this.#judge = new RatioJudge({ question: rateOf(metric), margin: { relative: ACCEPTED }, worse: 'either' });
  }

  /** As a check is called in records; names of checks have no blanks. */
  get name(): string {
    return `traffic ${this.metric}`;
  }

  noiseOf(book: PastBook, role: string, horizon: number) {
    const noise = this.#judge.noiseOf(book.ratio(role, rateOf(this.metric)), horizon);
    return { family: 'ratio', noise } as const;
  }

  begin(noise: Noise): void {
    if (noise.family === 'ratio') this.#judge.begin(noise.noise);
    [this.#counted, this.#due, this.#silence] = [0, 0, 0];
  }

  compare(book: PastBook, role: string, samples: readonly TargetSample[]): Pick<WindowSeen, 'ratio' | 'lacks'> {
    const window = this.#judge.compare(book.ratio(role, rateOf(this.metric)), samples);
    return typeof window === 'string' ? { lacks: window } : { ratio: window };
  }

  /**
   * Where nobody is left untouched nothing is said: the hour moves the traffic of all. Nor where no past is known: targets take what
   * they take, and nobody knows yet what that usually is.
   */
  see(window: RatioWindow): void {
    if (window.before !== undefined || this.#judge.noise.blocks === 0) return;
    this.#judge.see(window);
    const [events, , expected] = window.treated;
    const [others, , usual] = window.untouched;
    const due = usual > 0 ? (others * expected) / usual : 0;
    this.#counted += events;
    this.#due += due;
    const { factor } = this.#judge.noise;
    // The probability that a negative binomial is 0; of a Poisson in the limit.
    const surprise = factor > 1.000001 ? (due * Math.log(factor)) / (factor - 1) : due;
    this.#silence = events > 0 ? 0 : this.#silence + surprise;
  }

  /** `among` so many that are watched. */
  finding(among: number): TrafficFinding {
    const share = this.#due > 0 ? this.#counted / this.#due : 1;
    const isMismatch = this.#judge.harm() >= Math.log(among / RISK);
    const found = this.#silence >= ENOUGH_FOR_ONE ? 'dead' : isMismatch ? 'mismatch' : 'usual';
    return { share, metric: this.metric, found };
  }
}

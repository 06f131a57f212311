import { leastRejected } from '../leastRejected.ts';
import { allowedAt, boundariesOf, type Margin } from '../margin.ts';
import type { Dispersion } from './dispersion.ts';
import { FleetPast, type TargetWindow } from './fleetPast.ts';
import { type ArmWindow, logSumExp, RatioEvidence } from './ratioEvidence.ts';

export interface RatioSpec {
  readonly margin: Margin;
  /** `lower`: it is the treated rate falling that hurts ("traffic vanished"). */
  readonly worse: 'higher' | 'lower';
  /** Events are some of a known number of trials (failed requests), not counts over time. */
  readonly ofTrials: boolean;
}

/** Past windows of which the groups' figures are kept. */
const LONGEST_PAST = 2880;
/** Without a control arm, each window is compared with so many windows of the past. */
const PAST_PER_WINDOW = 8;

/** What was counted since the change first reached a target. */
export interface ArmTotal {
  readonly events: number;
  readonly exposure: number;
}

/**
 * Compares event rates, or shares of trials, of treated and untouched targets of one role, window by window, each target weighed by its
 * own past. Where no untouched target is left it compares with the fleet's own past, which cannot tell the hour from the change.
 */
export class RatioJudge {
  readonly #spec: RatioSpec;
  readonly #past = new FleetPast(LONGEST_PAST);
  /** Windows of the past, with what the fleet counted in them, to compare with when nobody is left. */
  readonly #before: ArmTotal[] = [];
  readonly #evidence = new RatioEvidence();
  #dispersion: Dispersion = { factor: 1, blocks: 0, length: 1 };
  #began = false;
  #nextBefore = 0;
  #comparedWithPast = false;
  #treated = { events: 0, exposure: 0, expected: 0 };
  #untouched = { events: 0, exposure: 0, expected: 0 };

  constructor(spec: RatioSpec) {
    this.#spec = spec;
  }

  /** A stage begins that is to bake for so many windows. */
  begin(horizon: number): void {
    this.#evidence.begin();
    this.#dispersion = this.#past.dispersion(horizon);
    this.#began = true;
  }

  /** One window. Before the first stage everything is past. */
  observe(treated: readonly TargetWindow[], untouched: readonly TargetWindow[]): void {
    const setting = { dispersion: this.#dispersion.factor, share: this.#spec.ofTrials ? this.#past.rate : null };
    if (this.#began && treated.length > 0) {
      const arm = this.#armOf(treated);
      const other = this.#others(untouched, arm);
      if (other !== null) {
        add(this.#treated, arm);
        add(this.#untouched, other);
        const turned = this.#spec.worse === 'lower';
        this.#evidence.add(turned ? { treated: other, untouched: arm } : { treated: arm, untouched: other }, setting);
      }
    }
    if (untouched.length > 0) {
      this.#past.add(untouched);
      if (!this.#began) this.#before.push(totalOf(untouched));
      if (this.#before.length > LONGEST_PAST) this.#before.shift();
    }
  }

  /** Nats that speak for the treated arm being worse than the margin allows. */
  harm(): number {
    return Math.min(...this.#boundaries().map((boundary) => this.#evidence.ofHarm(boundary)));
  }

  /** Nats that speak for its being within the margin. */
  noHarm(): number {
    const found = this.#boundaries().map((boundary) => this.#evidence.ofNoHarm(boundary));
    return logSumExp(found) - Math.log(found.length);
  }

  get seen(): {
    readonly treated: ArmTotal;
    readonly untouched: ArmTotal;
    readonly allowed: number;
    readonly dispersion: Dispersion;
    readonly compared: 'at-the-same-time' | 'before';
  } {
    return {
      treated: this.#treated,
      untouched: this.#untouched,
      allowed: allowedAt(this.#spec.margin, rateOf(this.#untouched) ?? 0),
      dispersion: this.#dispersion,
      compared: this.#comparedWithPast ? 'before' : 'at-the-same-time',
    };
  }

  /** Bounds on treated − untouched in the metric's own unit, each wrong at any look with a probability of at most `alpha`. */
  difference(alpha: number): { readonly lower: number; readonly upper: number } {
    const enough = -Math.log(alpha);
    const scale = Math.max(1e-12, rateOf(this.#treated) ?? 0, rateOf(this.#untouched) ?? 0);
    const rejectedBelow = (margin: number) => this.#evidence.ofHarm({ tolerance: 1, margin }) >= enough;
    const rejectedAbove = (margin: number) => this.#evidence.ofNoHarm({ tolerance: 1, margin }) >= enough;
    const [least, most] = [-leastRejected((x) => rejectedBelow(-x), scale), leastRejected(rejectedAbove, scale)];
    // The evidence is about the exchanged arms where lower is worse.
    return this.#spec.worse === 'lower' ? { lower: -most, upper: -least } : { lower: least, upper: most };
  }

  #boundaries() {
    const boundaries = boundariesOf(this.#spec.margin);
    if (this.#spec.worse === 'higher') return boundaries;
    // The arms are exchanged: the untouched rate is at most 1 / (1 − relative) times the treated one.
    return boundaries.map(({ tolerance, margin }) => ({ tolerance: 1 / Math.max(1e-3, 2 - tolerance), margin }));
  }

  #armOf(samples: readonly TargetWindow[]): ArmWindow {
    let expected = 0;
    for (const { target, exposure } of samples) expected += exposure * this.#past.levelOf(target);
    return { ...totalOf(samples), expected };
  }

  /** The untouched arm of this window, or windows of the past in its place, each used once. */
  #others(untouched: readonly TargetWindow[], arm: ArmWindow): ArmWindow | null {
    const present = this.#armOf(untouched);
    if (present.expected > 0) return present;
    const chosen = this.#before.slice(this.#nextBefore, this.#nextBefore + PAST_PER_WINDOW);
    if (chosen.length === 0) return null;
    this.#nextBefore += chosen.length;
    this.#comparedWithPast = true;
    const events = chosen.reduce((sum, window) => sum + window.events, 0);
    const exposure = chosen.reduce((sum, window) => sum + window.exposure, 0);
    return { events, exposure, expected: arm.exposure > 0 ? (exposure * arm.expected) / arm.exposure : exposure };
  }
}

export function rateOf({ events, exposure }: ArmTotal): number | null {
  return exposure > 0 ? events / exposure : null;
}

function totalOf(samples: readonly TargetWindow[]): ArmTotal {
  let events = 0;
  let exposure = 0;
  for (const sample of samples) {
    events += sample.events;
    exposure += sample.exposure;
  }
  return { events, exposure };
}

function add(total: { events: number; exposure: number; expected: number }, more: ArmWindow): void {
  total.events += more.events;
  total.exposure += more.exposure;
  total.expected += more.expected;
}

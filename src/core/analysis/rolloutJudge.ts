import { type CheckJudge, judgeOf, type Seen, type TargetSample } from './checkJudge.ts';
import type { CheckSpec } from './checkSpec.ts';
import { budgetSpent, overspent } from './spentBudget.ts';
import type { VerdictOutcome } from './verdict.ts';

export interface JudgePolicy {
  readonly checks: readonly CheckSpec[];
  /** The probability with which a harmless rollout may be rolled back, over all its checks, looks and stages. */
  readonly budget: number;
  /** The probability with which one check may pass a change that is beyond its margin. */
  readonly missRate: number;
}

export const USUAL_MISS_RATE = 0.05;

export interface Finding {
  readonly check: CheckSpec;
  readonly outcome: VerdictOutcome;
  /** Nats for harm, and for none. */
  readonly harm: number;
  readonly noHarm: number;
  readonly seen: Seen;
}

/**
 * All checks of one rollout on one role, window after window, on one budget. Guardrails spend the budget of false rollbacks; signals,
 * which only hold, have one of their own of the same size.
 */
export class RolloutJudge {
  readonly #policy: JudgePolicy;
  readonly #judges: readonly CheckJudge[];

  constructor(policy: JudgePolicy) {
    this.#policy = policy;
    this.#judges = policy.checks.map(judgeOf);
  }

  /** A stage begins that is to bake for so many windows. */
  begin(horizon: number): void {
    for (const judge of this.#judges) judge.begin(horizon);
  }

  observe(samples: readonly TargetSample[]): void {
    for (const judge of this.#judges) judge.observe(samples);
  }

  /** The guardrails for which this rollout is to be rolled back; none while there is budget left. */
  failing(): readonly CheckSpec[] {
    return this.#overspent('guardrail');
  }

  /** Which part of the budget the evidence so far would have cost; 1 and more rolls back. */
  get spent(): number {
    return budgetSpent(this.#questions('guardrail'), this.#policy.budget);
  }

  findings(): readonly Finding[] {
    const failing = new Set([...this.failing(), ...this.#overspent('signal')]);
    const alpha = this.#policy.budget / Math.max(1, this.#policy.checks.length);
    return this.#policy.checks.flatMap((check, index) => {
      const judge = this.#judges[index];
      if (judge === undefined) return [];
      const [harm, noHarm, seen] = [judge.harm(), judge.noHarm(), judge.seen(alpha)];
      return [{ check, harm, noHarm, seen, outcome: this.#outcome(seen, failing.has(check), noHarm) }];
    });
  }

  #outcome(seen: Seen, isFailing: boolean, noHarm: number): VerdictOutcome {
    if (isFailing) return 'fail';
    if (seen.estimate === null || seen.treated.exposure === 0) return 'no-data';
    return noHarm >= -Math.log(this.#policy.missRate) ? 'pass' : 'inconclusive';
  }

  #overspent(effect: CheckSpec['effect']): readonly CheckSpec[] {
    const checks = this.#policy.checks.filter((check) => check.effect === effect);
    const found = overspent(this.#questions(effect), this.#policy.budget);
    return found.flatMap((index) => checks[index] ?? []);
  }

  #questions(effect: CheckSpec['effect']): { readonly weight: number; readonly evidence: number }[] {
    const judges = this.#judges.filter((_, index) => this.#policy.checks[index]?.effect === effect);
    return judges.map((judge) => ({ weight: 1 / judges.length, evidence: judge.harm() }));
  }
}

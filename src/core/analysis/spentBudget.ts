import { logSumExp } from './logSumExp.ts';

/** Evidence of harm that one check has on one role, over all stages. In nats; its weights add up to at most 1 over a rollout. */
export interface Evidence {
  readonly weight: number;
  readonly evidence: number;
}

/**
 * One budget for a whole rollout. Every question's evidence is 1 on average at any time if the change is harmless, so their weighted mean is
 * too, whatever they have to do with each other; by Ville's inequality it ever reaches 1 / budget with a probability of at most
 * the budget. That is the rule: over checks, roles, looks, waves and stages together. It rolls back whenever one question alone would under
 * an equal split of the budget (Bonferroni), and also when several together have seen enough.
 * (Vovk, Wang: E-values: calibration, combination and applications, 2021.)
 *
 * Says which questions brought it about: none while there is budget left, else those that carry at least half as much as the strongest.
 */
export function overspent(questions: readonly Evidence[], budget: number): readonly number[] {
  const shares = questions.map(({ weight, evidence }) => Math.log(weight) + evidence);
  if (logSumExp(shares) < -Math.log(budget)) return [];
  const strongest = Math.max(...shares);
  return shares.flatMap((share, index) => (share >= strongest - Math.LN2 ? [index] : []));
}

/** Which part of the budget the evidence so far would have cost: 1 and more rolls back. */
export function budgetSpent(questions: readonly Evidence[], budget: number): number {
  return budget * Math.exp(logSumExp(questions.map(({ weight, evidence }) => Math.log(weight) + evidence)));
}

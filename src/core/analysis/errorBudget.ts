/** How often one rollout asks a question that may be answered wrongly. Looks do not count: one may look as often as one likes. */
export interface Questions {
  readonly checks: number;
  readonly roles: number;
  /** Every stage counts afresh, so it is a question of its own. */
  readonly stages: number;
}

/**
 * What each check may spend in each role and stage, so that the probability of rolling a harmless change back stays within the
 * rollout's budget, whatever the dependence between them (Bonferroni). The shares are equal and their sum, added up in floating
 * point too, is never above the budget. A signal has a share as well: what it holds is rolled back when nobody comes.
 */
export function errorShare(budget: number, questions: Questions): number {
  const count = questions.checks * questions.roles * questions.stages;
  // Adding n shares up rounds by less than n parts in 2^52.
  return (budget / Math.max(1, count)) * (1 - Math.max(1, count) * 2 ** -50);
}

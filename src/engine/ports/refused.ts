import type { Refusal } from '../../core/kernel/refusal.ts';

/** Rejects what is hardly ever refused: who asked lost the right to it while they asked. Nothing was changed. */
export class Refused extends Error {
  readonly refusals: readonly Refusal[];
  constructor(refusals: readonly Refusal[]) {
    super(refusals.map(({ says }) => says).join('; '));
    this.name = 'Refused';
    this.refusals = refusals;
  }
}

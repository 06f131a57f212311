import { RatioEvidence } from '../../src/core/analysis/ratio/ratioEvidence.ts';

/** Two arms without a change, of which every probability is known. */
export interface ExactArms {
  /** Probabilities of 0, 1, 2 … events in one window. Together nearly 1: what is left out counts as crossed. */
  readonly treated: readonly number[];
  readonly untouched: readonly number[];
  /** Trials or time of each arm in one window. */
  readonly exposure: { readonly treated: number; readonly untouched: number };
  readonly dispersion: number;
  /** As the judge would guess it; `null` for counts over time. */
  readonly share: number | null;
}

/**
 * The exact probability that evidence of harm reaches log(1/α) at any of so many looks: by following every pair of counts, without chance.
 * What has crossed is not followed any further.
 */
export function crossingProbability(arms: ExactArms, looks: number, alpha: number): number {
  const evidence = (look: number, events: number, others: number): number => {
    const found = new RatioEvidence();
    const [own, other] = [arms.exposure.treated * look, arms.exposure.untouched * look];
    found.add(
      {
        treated: { events, exposure: own, expected: own },
        untouched: { events: others, exposure: other, expected: other },
      },
      arms,
    );
    return found.ofHarm({ tolerance: 1, margin: 0 });
  };
  let alive: number[][] = [[1]];
  for (let look = 1; look <= looks; look++) {
    const next: number[][] = [];
    for (const [events, row] of alive.entries())
      for (const [others, mass] of row.entries()) {
        if (!(mass > 0)) continue;
        for (const [more, chance] of arms.treated.entries()) {
          next[events + more] ??= [];
          const into = next[events + more] ?? [];
          for (const [moreOthers, other] of arms.untouched.entries())
            into[others + moreOthers] = (into[others + moreOthers] ?? 0) + mass * chance * other;
        }
      }
    for (const [events, row] of next.entries())
      for (const [others, mass] of row.entries()) {
        if (mass === undefined) row[others] = 0;
        else if (mass < NEGLIGIBLE || evidence(look, events, others) >= -Math.log(alpha)) row[others] = 0;
      }
    alive = next;
  }
  return 1 - alive.reduce((sum, row) => sum + row.reduce((total, mass) => total + mass, 0), 0);
}

/** So little is given up, and counts as crossed. */
const NEGLIGIBLE = 1e-12;

export function poissonProbabilities(mean: number): readonly number[] {
  const found = [Math.exp(-mean)];
  while ((found.at(-1) ?? 0) > 1e-10 || found.length < mean) found.push(((found.at(-1) ?? 0) * mean) / found.length);
  return found;
}

export function binomialProbabilities(trials: number, share: number): readonly number[] {
  const found = [(1 - share) ** trials];
  for (let count = 1; count <= trials; count++)
    found.push(((found[count - 1] ?? 0) * (trials - count + 1) * share) / (count * (1 - share)));
  return found;
}

/** Clusters: the negative binomial with this mean, and so many times its variance. */
export function clusteredProbabilities(mean: number, dispersion: number): readonly number[] {
  const shape = mean / (dispersion - 1);
  const repeat = 1 - 1 / dispersion;
  const found = [dispersion ** -shape];
  while ((found.at(-1) ?? 0) > 1e-10 || found.length < mean)
    found.push(((found.at(-1) ?? 0) * repeat * (shape + found.length - 1)) / found.length);
  return found;
}

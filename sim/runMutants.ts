import type { LawName } from './checkers/checker.ts';
import type { Mutant } from './mutants/mutant.ts';
import { importMutated } from './mutants/mutantModules.ts';
import type { Workers } from './workers.ts';

export interface MutantOutcome {
  readonly law: LawName;
  /** How many seeds it took, counted from 1; `null`: not found within the bound. */
  readonly seeds: number | null;
  readonly says: string;
}

type Simulate = typeof import('./simulate.ts');

/** Runs a mutant, watching its own law alone, seed after seed until it is found or its bound is reached. */
export async function runMutant(mutant: Mutant): Promise<MutantOutcome> {
  const { simulate } = await importMutated<Simulate>(new URL('./simulate.ts', import.meta.url), mutant.law);
  const { law, faults, wraps = {} } = mutant;
  for (let seed = 1; seed <= mutant.withinSeeds; seed++) {
    // What is not found while faults strike is not found by waiting; but for the one that is about waiting.
    const livenessMs = law === 'liveness' ? 300_000 : 30_000;
    const { breach } = await simulate({ seed, faults, laws: [law], wraps, faultDensity: 1, livenessMs });
    if (breach !== null) return { law, seeds: seed, says: breach.says };
  }
  return { law, seeds: null, says: '' };
}

/** All of them, as many at a time as there are workers; a line each, in order. */
export async function runMutants(
  mutants: readonly Mutant[],
  workers: Workers,
  print: (line: string) => void,
): Promise<readonly MutantOutcome[]> {
  print('law       seeds  bound  the bug');
  const outcomes: MutantOutcome[] = [];
  const running = mutants.map(
    (mutant) => [mutant, workers.do<MutantOutcome>({ do: 'mutant', law: mutant.law })] as const,
  );
  for (const [mutant, outcomeLater] of running) {
    const outcome = await outcomeLater;
    outcomes.push(outcome);
    const seeds = outcome.seeds === null ? 'never' : String(outcome.seeds);
    print(`${mutant.law.padEnd(8)}  ${seeds.padStart(5)}  ${String(mutant.withinSeeds).padStart(5)}  ${mutant.says}`);
  }
  const missed = outcomes.filter(({ seeds }) => seeds === null).map(({ law }) => law);
  print(missed.length === 0 ? `all ${outcomes.length} were found` : `not found: ${missed.join(', ')}`);
  return outcomes;
}

import type { LawName } from '../checkers/checker.ts';
import { agentMutants } from './agentMutants.ts';
import { engineMutants } from './engineMutants.ts';
import type { Mutant } from './mutant.ts';

/** One for every law that is watched, in order. */
export const MUTANTS: readonly Mutant[] = [...engineMutants, ...agentMutants].sort(
  (a, b) => numberOf(a.law) - numberOf(b.law),
);

export function mutantNamed(law: string): Mutant | undefined {
  return MUTANTS.find((mutant) => mutant.law === law);
}

function numberOf(law: LawName): number {
  return law === 'liveness' ? Number.POSITIVE_INFINITY : Number(law.slice('law-'.length));
}

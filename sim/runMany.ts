import type { FaultKind } from './faults.ts';
import { sayOutcome } from './runSeed.ts';
import { type Outcome, simulate } from './simulate.ts';

export interface RunManyOptions {
  readonly from: number;
  readonly count: number;
  readonly faults: readonly FaultKind[];
  /** Options that belong to the command which repeats a seed. */
  readonly more: string;
  readonly print: (line: string) => void;
}

export interface ManyOutcome {
  readonly outcomes: readonly Outcome[];
  readonly breaches: readonly Outcome[];
}

/** Many seeds, one after the other. Breaches are told as they come, the sum at the end. */
export async function runMany({ from, count, faults, more, print }: RunManyOptions): Promise<ManyOutcome> {
  const outcomes: Outcome[] = [];
  for (let seed = from; seed < from + count; seed++) {
    const outcome = await simulate({ seed, faults });
    outcomes.push(outcome);
    if (outcomes.length % 50 === 0 && outcomes.length < count) print(`${outcomes.length} of ${count} seeds`);
    if (outcome.breach !== null)
      for (const line of sayOutcome(outcome, `npm run sim -- --seed ${seed}${more}`)) print(line);
  }
  const breaches = outcomes.filter(({ breach }) => breach !== null);
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const hours = sum(({ simulatedMs }) => simulatedMs) / 3_600_000;
  print(
    `${count} seeds from ${from}: ${breaches.length === 0 ? 'every law held' : `${breaches.length} breached a law (${breaches.map(({ seed, breach }) => `${seed}: ${breach?.law}`).join(', ')})`}`,
  );
  print(
    `  ${sum(({ steps }) => steps)} steps, ${hours.toFixed(1)} simulated hours, ${sum(({ faultsStruck }) => faultsStruck)} faults; ` +
      `${sum(({ rollouts }) => rollouts.completed)} rollouts completed, ${sum(({ rollouts }) => rollouts.rolledBack)} rolled back`,
  );
  return { outcomes, breaches };
}

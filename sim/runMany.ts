import type { FaultKind } from './faults.ts';
import { sayOutcome } from './runSeed.ts';
import type { Outcome } from './simulate.ts';
import type { Workers } from './workers.ts';

export interface RunManyOptions {
  readonly workers: Workers;
  readonly from: number;
  readonly count: number;
  readonly faults: readonly FaultKind[];
  /** Options that belong to the command which repeats a seed. */
  readonly more: string;
  readonly print: (line: string) => void;
}

export interface ManyOutcome {
  /** By seed. */
  readonly outcomes: readonly Outcome[];
  readonly breaches: readonly Outcome[];
}

const TOLD_EVERY = 50;

/** Many seeds, as many at a time as there are workers. Breaches are told as they come, the sum at the end. */
export async function runMany({ workers, from, count, faults, more, print }: RunManyOptions): Promise<ManyOutcome> {
  const started = performance.now();
  let done = 0;
  const run = async (seed: number) => {
    const outcome = await workers.do<Outcome>({ do: 'seed', seed, faults });
    if (outcome.breach !== null)
      for (const line of sayOutcome(outcome, `npm run sim -- --seed ${seed}${more}`)) print(line);
    if (++done % TOLD_EVERY === 0 && done < count) print(`${done} of ${count} seeds, ${seconds(started)} s`);
    return outcome;
  };
  const outcomes = await Promise.all(Array.from({ length: count }, (_, index) => run(from + index)));
  const breaches = outcomes.filter(({ breach }) => breach !== null);
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const hours = sum(({ simulatedMs }) => simulatedMs) / 3_600_000;
  print(
    `${count} seeds from ${from}: ${breaches.length === 0 ? 'every law held' : `${breaches.length} breached a law (${breaches.map(({ seed, breach }) => `${seed}: ${breach?.law}`).join(', ')})`}`,
  );
  print(
    `  ${sum(({ steps }) => steps)} steps, ${hours.toFixed(1)} simulated hours, ${sum(({ faultsStruck }) => faultsStruck)} faults; ` +
      `${sum(({ rollouts }) => rollouts.completed)} rollouts completed, ${sum(({ rollouts }) => rollouts.rolledBack)} rolled back; ${seconds(started)} s`,
  );
  return { outcomes, breaches };
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}

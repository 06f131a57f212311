import type { LawName } from './checkers/checker.ts';
import type { FaultKind } from './faults.ts';
import type { ServerWraps } from './server/serverHost.ts';
import { type Outcome, simulate } from './simulate.ts';
import { LEGEND, Story, sayChoices } from './story.ts';

export interface RunSeedOptions {
  readonly seed: number;
  readonly faults: readonly FaultKind[];
  readonly verbose: boolean;
  /** What is to be typed to see the same again. */
  readonly command: string;
  readonly laws?: readonly LawName[];
  readonly wraps?: ServerWraps;
  readonly faultDensity?: number;
  readonly print: (line: string) => void;
}

/** One seed with its whole story: what it chose, a line a step with a legend, and how it ended. */
export async function runSeed({ seed, verbose, command, print, ...options }: RunSeedOptions): Promise<Outcome> {
  let story: Story | null = null;
  const outcome = await simulate({
    ...options,
    seed,
    onChoices: (choices) => {
      story = new Story(choices, verbose);
      print(`seed ${seed}`);
      for (const line of sayChoices(choices)) print(`  ${line}`);
      print('');
      print(LEGEND);
      print('');
    },
    onFact: (step, atMs, fact) => {
      const line = story?.line(step, atMs, fact) ?? null;
      if (line !== null) print(line);
    },
  });
  print('');
  for (const line of sayOutcome(outcome, command)) print((story as Story | null)?.named(line) ?? line);
  return outcome;
}

export function sayOutcome(outcome: Outcome, command: string): readonly string[] {
  const { breach, steps, simulatedMs, rollouts, faultsStruck } = outcome;
  const did = `${steps} steps, ${Math.round(simulatedMs / 1000)} simulated seconds, ${faultsStruck} faults, ${rollouts.completed} rollouts completed, ${rollouts.rolledBack} rolled back`;
  if (breach === null) return [`seed ${outcome.seed}: every law held (${did})`];
  return [
    `seed ${outcome.seed}: ${breach.law} was breached at step ${breach.step}, ${(breach.atMs / 1000).toFixed(3)} s in (${did})`,
    `  ${breach.says}`,
    `  to see it again: ${command}`,
  ];
}

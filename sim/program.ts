import { BEYOND, FAULT_KINDS, type FaultKind, HELD_FAULTS } from './faults.ts';
import { importMutated } from './mutants/mutantModules.ts';
import { MUTANTS, mutantNamed } from './mutants/mutants.ts';
import { runMany } from './runMany.ts';
import { runMutants } from './runMutants.ts';
import { runSeed } from './runSeed.ts';
import { runScale } from './scale/runScale.ts';
import { Workers } from './workers.ts';

export interface ProgramOptions {
  readonly seed?: string | undefined;
  readonly seeds?: string | undefined;
  readonly from?: string | undefined;
  readonly verbose: boolean;
  readonly beyond?: string | undefined;
  readonly mutate?: string | undefined;
  readonly mutants: boolean;
  readonly targets?: string | undefined;
}

const COMMAND = 'npm run sim --';

/** What the command line asks for. Gives the process's exit code: 0, 1 when a law was breached, 2 for a mistake in the options. */
export async function runProgram(options: ProgramOptions, print: (line: string) => void): Promise<number> {
  if (options.beyond === 'list') {
    for (const [kind, says] of Object.entries(BEYOND)) print(`${kind}: ${says}`);
    return 0;
  }
  const beyond = (options.beyond ?? '').split(',').filter((word) => word !== '');
  const unknown = beyond.find((word) => !FAULT_KINDS.includes(word as FaultKind));
  if (unknown !== undefined) {
    print(`sim: there is no fault "${unknown}"; known: ${FAULT_KINDS.join(', ')}`);
    return 2;
  }
  const numbers = {
    seed: wholeNumber(options.seed),
    seeds: wholeNumber(options.seeds),
    from: wholeNumber(options.from),
    targets: wholeNumber(options.targets),
  };
  for (const [name, value] of Object.entries(numbers)) {
    if (value !== null) continue;
    print(`sim: --${name} takes a whole number, 0 or more`);
    return 2;
  }
  if (typeof numbers.targets === 'number') {
    await runScale(Math.max(1_000, numbers.targets), print);
    return 0;
  }
  if (options.mutants) {
    const outcomes = await withWorkers((workers) => runMutants(MUTANTS, workers, print));
    return outcomes.some(({ seeds }) => seeds === null) ? 1 : 0;
  }
  if (options.mutate !== undefined) return runMutated(options.mutate, numbers.seed ?? 1, options.verbose, print);
  const faults = [...HELD_FAULTS, ...(beyond as FaultKind[])];
  const more = beyond.length === 0 ? '' : ` --beyond ${beyond.join(',')}`;
  if (numbers.seeds !== undefined && numbers.seeds !== null) {
    const many = { from: numbers.from ?? 1, count: numbers.seeds, faults, more, print };
    const { breaches } = await withWorkers((workers) => runMany({ workers, ...many }));
    return breaches.length > 0 ? 1 : 0;
  }
  const seed = numbers.seed ?? 1;
  const command = `${COMMAND} --seed ${seed}${more}`;
  const { breach } = await runSeed({ seed, faults, verbose: options.verbose, command, print });
  return breach === null ? 0 : 1;
}

async function withWorkers<T>(act: (workers: Workers) => Promise<T>): Promise<T> {
  const workers = new Workers();
  try {
    return await act(workers);
  } finally {
    await workers.close();
  }
}

/** One seed with a deliberate bug, told in full. A breach is what is hoped for. */
async function runMutated(
  name: string,
  seed: number,
  verbose: boolean,
  print: (line: string) => void,
): Promise<number> {
  const mutant = mutantNamed(name);
  if (mutant === undefined) {
    print(`sim: there is no mutant "${name}"; known: ${MUTANTS.map(({ law }) => law).join(', ')}`);
    return 2;
  }
  print(`mutant ${name}: ${mutant.says}`);
  const { faults, wraps = {} } = mutant;
  type RunSeed = typeof import('./runSeed.ts');
  const { runSeed: runMutatedSeed } = await importMutated<RunSeed>(new URL('./runSeed.ts', import.meta.url), name);
  const command = `${COMMAND} --mutate ${name} --seed ${seed}`;
  await runMutatedSeed({ seed, faults, verbose, command, laws: [mutant.law], wraps, faultDensity: 1, print });
  return 0;
}

/** `undefined`: not given; `null`: given, and none. */
function wholeNumber(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

import { parentPort } from 'node:worker_threads';
import { HELD_FAULTS } from './faults.ts';
import { MUTANTS } from './mutants/mutants.ts';
import { runMutant } from './runMutants.ts';
import { simulate } from './simulate.ts';
import type { Answer, Task } from './workers.ts';

// One thread of `Workers`: does one task after the other. What it is asked for, and nothing else, decides what comes of it.

parentPort?.on('message', (task: Task) => {
  void perform(task).then(
    (value) => parentPort?.postMessage({ ok: true, value } satisfies Answer),
    (error: unknown) => parentPort?.postMessage({ ok: false, says: sayError(error) } satisfies Answer),
  );
});

async function perform(task: Task): Promise<unknown> {
  if (task.do === 'seed') return simulate({ seed: task.seed, faults: task.faults ?? HELD_FAULTS });
  const mutant = MUTANTS.find(({ law }) => law === task.law);
  if (mutant === undefined) throw new Error(`there is no mutant "${task.law}"`);
  return runMutant(mutant);
}

function sayError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

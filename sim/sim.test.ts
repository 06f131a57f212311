import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { CHECKERS } from './checkers/checkers.ts';
import { HELD_FAULTS } from './faults.ts';
import { MUTANTS } from './mutants/mutants.ts';
import { runMutant } from './runMutants.ts';
import { runSeed } from './runSeed.ts';
import { simulate } from './simulate.ts';

const SEEDS = 30;

/** Seeds that once found something: what was found is mended, and stays so. */
const FAILED_ONCE = JSON.parse(readFileSync(new URL('./failing-seeds.json', import.meta.url), 'utf8')) as readonly {
  readonly seed: number;
  readonly law: string;
  readonly found: string;
}[];

describe('the simulator', () => {
  test(`${SEEDS} seeds: every law holds while faults strike, and everything settles when they stop`, async () => {
    let rollouts = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const outcome = await simulate({ seed, faults: HELD_FAULTS });
      assert.equal(outcome.breach, null, `seed ${seed}: ${outcome.breach?.law}: ${outcome.breach?.says}`);
      rollouts += outcome.rollouts.completed;
    }
    assert.ok(rollouts > SEEDS / 3, `only ${rollouts} rollouts completed: nothing much was simulated`);
  });

  for (const { seed, law, found } of FAILED_ONCE) {
    test(`seed ${seed}, which once breached ${law}: ${found}`, async () => {
      const { breach } = await simulate({ seed, faults: HELD_FAULTS });
      assert.equal(breach, null, `${breach?.law}: ${breach?.says}`);
    });
  }

  test('the same seed tells the same story, byte for byte', async () => {
    const tell = async () => {
      const lines: string[] = [];
      const print = (line: string) => lines.push(line);
      await runSeed({ seed: 5, faults: HELD_FAULTS, verbose: true, command: '', print });
      return lines.join('\n');
    };
    const [first, second] = [await tell(), await tell()];
    assert.ok(first.split('\n').length > 200, 'it has something to tell');
    assert.equal(first, second);
  });
});

describe('every checker can fail', () => {
  test('there is a deliberate bug for every law that is watched', () => {
    const watched = [...CHECKERS.map(({ law }) => law), 'liveness'];
    assert.deepEqual(
      MUTANTS.map(({ law }) => law),
      watched,
    );
  });
  for (const mutant of MUTANTS) {
    test(`${mutant.law}: ${mutant.says}`, async () => {
      const { seeds } = await runMutant(mutant);
      assert.notEqual(seeds, null, `not found within ${mutant.withinSeeds} seeds`);
    });
  }
});

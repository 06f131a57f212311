import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { LawName } from './checkers/checker.ts';
import { CHECKERS } from './checkers/checkers.ts';
import { HELD_FAULTS } from './faults.ts';
import { MUTANTS } from './mutants/mutants.ts';
import { runMany } from './runMany.ts';
import type { MutantOutcome } from './runMutants.ts';
import { runSeed } from './runSeed.ts';
import type { Outcome } from './simulate.ts';
import { Workers } from './workers.ts';

const SEEDS = 200;

/** Seeds that once found something: what was found is mended, and stays so. */
const FAILED_ONCE = JSON.parse(readFileSync(new URL('./failing-seeds.json', import.meta.url), 'utf8')) as readonly {
  readonly seed: number;
  readonly law: string;
  readonly found: string;
}[];

const workers = new Workers();
after(() => workers.close());

describe('the simulator', () => {
  test(`${SEEDS} seeds: every law holds while faults strike, and everything settles when they stop`, async () => {
    const told: string[] = [];
    const print = (line: string) => told.push(line);
    const { outcomes, breaches } = await runMany({
      workers,
      from: 1,
      count: SEEDS,
      faults: HELD_FAULTS,
      more: '',
      print,
    });
    assert.deepEqual(breaches, [], told.join('\n'));
    const completed = outcomes.reduce((sum, { rollouts }) => sum + rollouts.completed, 0);
    assert.ok(completed > SEEDS / 3, `only ${completed} rollouts completed: nothing much was simulated`);
  });

  for (const { seed, law, found } of FAILED_ONCE) {
    test(`seed ${seed}, which once breached ${law}: ${found}`, async () => {
      const { breach } = await workers.do<Outcome>({ do: 'seed', seed });
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
  const found = new Map<LawName, Promise<MutantOutcome>>();
  before(() => {
    // All at once, so that no thread waits for the slowest of them.
    for (const { law } of MUTANTS) found.set(law, workers.do<MutantOutcome>({ do: 'mutant', law }));
  });
  for (const mutant of MUTANTS) {
    test(`${mutant.law}: ${mutant.says}`, async () => {
      const { seeds = null } = (await found.get(mutant.law)) ?? {};
      assert.notEqual(seeds, null, `not found within ${mutant.withinSeeds} seeds`);
    });
  }
});

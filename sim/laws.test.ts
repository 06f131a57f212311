import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { CHECKERS } from './checkers/checkers.ts';
import { mutantNamed } from './mutants/mutants.ts';

const ROOT = new URL('../', import.meta.url);
const PAGE = new URL('docs/reference/laws.md', ROOT);
const LAWS = 23;

interface Row {
  readonly number: number;
  readonly cells: readonly string[];
}

const rows: readonly Row[] = readFileSync(PAGE, 'utf8')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    return { number: Number(cells[0]), cells };
  });

describe('the table of laws', () => {
  test('has a row for each of the laws, in order, and no cell is empty', () => {
    assert.deepEqual(
      rows.map(({ number }) => number),
      Array.from({ length: LAWS }, (_, index) => index + 1),
    );
    for (const { number, cells } of rows)
      assert.ok(cells.length === 5 && cells.every((cell) => cell !== ''), `law ${number}`);
  });

  for (const { number, cells } of rows) {
    const [, , held = '', shown = '', bug = ''] = cells;

    test(`law ${number} is held where it says, and shown by tests that name it`, () => {
      const files = linksIn(held);
      const tests = linksIn(shown);
      assert.ok(files.length > 0 && tests.length > 0, 'files are linked');
      for (const file of files) assert.ok(existsSync(file), `${file.pathname} is there`);
      for (const file of tests)
        assert.ok(lawsNamedIn(readFileSync(file, 'utf8')).has(number), `${file.pathname} names law ${number}`);
    });

    test(`law ${number} has a checker, and a bug that it finds`, () => {
      const mutant = mutantNamed(`law-${number}`);
      assert.ok(CHECKERS.some(({ law }) => law === `law-${number}`));
      assert.ok(mutant !== undefined);
      const says = `${mutant.says} ([found](../../sim/checkers/law${number}.ts) within ${mutant.withinSeeds} seeds)`;
      assert.equal(bug, says);
      for (const file of linksIn(bug)) assert.ok(existsSync(file), `${file.pathname} is there`);
    });
  }
});

function linksIn(cell: string): readonly URL[] {
  return [...cell.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => new URL(path, PAGE));
}

/** `law 7`, `laws 5, 9 and 21`. */
function lawsNamedIn(text: string): ReadonlySet<number> {
  const named = [...text.matchAll(/\blaws?\s+(\d+(?:(?:,| and)+ ?\d+)*)/gi)];
  return new Set(named.flatMap(([, numbers = '']) => [...numbers.matchAll(/\d+/g)].map(([digits]) => Number(digits))));
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { budgetSpent, overspent } from './spentBudget.ts';

describe('one budget for all questions', () => {
  const table: readonly (readonly [string, number[], number[]])[] = [
    ['nobody has seen anything', [0, 0, 0], []],
    ['one has seen enough for its own share', [Math.log(301), 0, 0], [0]],
    ['one has not quite', [Math.log(290), -9, -9], []],
    ['two have together', [Math.log(160), -9, Math.log(160)], [0, 2]],
    ['the weaker by far is not named', [Math.log(1000), Math.log(10), 0], [0]],
  ];
  for (const [name, evidence, expected] of table) {
    it(name, () => {
      const questions = evidence.map((nats) => ({ weight: 1 / 3, evidence: nats }));
      assert.deepEqual(overspent(questions, 0.01), expected);
      assert.equal(budgetSpent(questions, 0.01) >= 1, expected.length > 0);
    });
  }

  it('no questions spend nothing', () => {
    assert.deepEqual(overspent([], 0.01), []);
    assert.equal(budgetSpent([], 0.01), 0);
  });

  it('whatever one alone would do with an equal share, it does', () => {
    const nats = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(nats, (evidence) => {
        const questions = evidence.map((one) => ({ weight: 1 / evidence.length, evidence: one }));
        const alone = evidence.some((one) => one >= Math.log(evidence.length / 0.01) + 1e-9);
        if (alone) assert.ok(overspent(questions, 0.01).length > 0);
      }),
    );
  });
});

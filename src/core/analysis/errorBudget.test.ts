import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { errorShare } from './errorBudget.ts';

it('the shares of all checks, roles and stages add up to the budget and never above it', () => {
  const few = fc.integer({ min: 1, max: 30 });
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 0.5, noNaN: true }), few, few, few, (budget, checks, roles, stages) => {
      const share = errorShare(budget, { checks, roles, stages });
      let spent = 0;
      for (let question = 0; question < checks * roles * stages; question++) spent += share;
      assert.ok(spent <= budget, `${spent} spent of ${budget}`);
      assert.ok(spent > budget * (1 - 1e-9), `only ${spent} of ${budget} can be spent`);
    }),
  );
});

it('a rollout without checks, roles or stages spends nothing; its share is still a probability', () => {
  assert.ok(errorShare(0.01, { checks: 0, roles: 2, stages: 3 }) <= 0.01);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ratioOf, rollbackBench } from './rollbackBench.ts';

describe('the bench of rollbacks', () => {
  for (const tls of [false, true]) {
    test(`measures a real rollback beside a bare broadcast, ${tls ? 'with TLS' : 'plain'}`, async () => {
      const figures = await rollbackBench({ agents: 20, runs: 1, tls, print: () => {} });
      assert.deepEqual([figures.bareMs.length, figures.rollbackMs.length], [1, 1]);
      assert.ok(ratioOf(figures) > 0);
    });
  }

  test('a ratio is that of medians', () => {
    const about = { agents: 1, tls: false };
    assert.equal(ratioOf({ ...about, rollbackMs: [9, 1, 3], bareMs: [2, 1, 100, 1] }), 2);
  });
});

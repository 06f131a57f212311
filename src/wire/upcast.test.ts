import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Json } from '../core/kernel/canonicalJson.ts';
import { upcast } from './upcast.ts';

const check = {
  name: 'errors',
  kind: 'failureProportion',
  effect: 'guardrail',
  failures: 'failures',
  total: 'requests',
};
const before = {
  check: 'errors',
  role: 'api',
  outcome: 'fail',
  says: 'api: 30 % of 100 requests failed',
  estimate: 0.3,
  lower: 0.1,
  upper: null,
  margin: 0.02,
  alpha: 0.0025,
  treated: { failures: 30, total: 100 },
  untouched: { failures: 0, total: 0 },
  missing: 12,
};
const now = {
  ...{ check: 'errors', role: 'api', outcome: 'fail', says: before.says, estimate: 0.3, lower: 0.1, upper: null },
  ...{ margin: 0.02, alpha: 0.0025, cause: null, unit: 'share', compared: 'at-the-same-time', spent: 0, outliers: [] },
  treated: { level: 0.3, exposure: 100, targets: 0 },
  untouched: { level: null, exposure: 0, targets: 0 },
  evidence: { harm: 0, noHarm: 0 },
  noise: { figure: 1, blocks: 0 },
  next: { missing: 12, of: 'events', expectedAt: null },
  leftOut: [],
};

for (const [type, wrap, old, made, why] of [
  ['PipelineApplied', pipelined, { ...check, margin: 0.02 }, { ...check, margin: { absolute: 0.02 } }, 'a margin'],
  ['RolloutStarted', pipelined, { ...check, margin: 0.02 }, { ...check, margin: { absolute: 0.02 } }, 'a margin'],
  [
    'StagePassed',
    (one: Json) => ({ id: 'shop-1', evidence: { stage: 'canary', verdicts: [one] } }),
    before,
    now,
    'arms',
  ],
  ['RollbackOrdered', (one: Json) => ({ id: 'shop-1', verdicts: [one] }), before, now, 'arms'],
] as const) {
  it(`law 19: ${type} of an earlier version is read with ${why} as they are now, and one of this version as it is`, () => {
    assert.deepEqual(upcast(type, wrap(old)), wrap(made));
    assert.deepEqual(upcast(type, wrap(made)), wrap(made));
  });
}

it('what never had another shape is not touched', () => {
  const data = { id: 'shop-1', reason: 'frozen' };
  assert.equal(upcast('HoldLifted', data), data);
});

function pipelined(one: Json) {
  return { id: 'shop-1', pipeline: { name: 'shop', checks: [one] } };
}

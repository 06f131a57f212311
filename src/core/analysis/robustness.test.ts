import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckSpec } from './checkSpec.ts';
import type { TargetSample } from './targetSample.ts';
import { JudgedRole } from './testing/judgedRole.ts';

const TARGETS = 30;
const coin = (target: number, window: number) =>
  (Math.imul(target * 7919 + window * 104_729 + 11, 0x9e3779b1) >>> 0) / 2 ** 32;

/** By how much a target is off in a window. */
type Times = (target: number, window: number) => number;

const PAST = 300;

interface Case {
  readonly check: CheckSpec;
  readonly sample: (times: number, target: number, window: number) => Readonly<Record<string, readonly number[]>>;
}

const rates: Case = {
  check: { name: 'faults', kind: 'eventRate', effect: 'guardrail', events: 'faults', margin: {} },
  sample: (times, target, window) => ({ faults: [Math.floor(5 * times + coin(target, window))] }),
};
const errors = {
  name: 'errors',
  kind: 'failureProportion',
  effect: 'guardrail',
  failures: 'failures',
  total: 'requests',
} as const;
const shares: Case = {
  check: { ...errors, margin: {} },
  sample: (times, target, window) => ({
    requests: [200],
    failures: [Math.min(200, Math.floor(times + coin(target, window)))],
  }),
};
const means: Case = {
  check: { name: 'latency', kind: 'mean', effect: 'guardrail', metric: 'latency', worse: 'higher', margin: {} },
  sample: (times, target, window) => ({ latency: [100 * times * (0.8 + 0.4 * coin(target, window))] }),
};

const quantiles: Case = {
  check: { name: 'slow', kind: 'quantile', effect: 'guardrail', metric: 'latency', quantile: 0.98, margin: {} },
  sample: (times, target, window) => ({
    latency: Array.from({ length: 40 }, (_, index) => 100 * times * (1 + coin(target, window * 41 + index))),
  }),
};

function judged({ check, sample }: Case, treated: number, windows: number, times: Times): JudgedRole {
  const role = new JudgedRole([check]);
  const samples = (window: number, reached: number): TargetSample[] =>
    Array.from({ length: TARGETS }, (_, target) => ({
      target: `t${target}`,
      treated: target < reached,
      inStage: target < reached,
      minutes: 1,
      values: new Map(Object.entries(sample(window < PAST ? 1 : times(target, window), target, window))),
    }));
  for (let window = 0; window < PAST; window++) role.learn(samples(window, 0));
  role.begin(windows);
  for (let window = PAST; window < PAST + windows; window++) role.see(samples(window, treated));
  return role;
}

const verdictOf = (role: JudgedRole) => {
  const [verdict] = role.judge.verdicts();
  assert.ok(verdict !== undefined);
  return verdict;
};

for (const [name, each] of [
  ['event rates', rates],
  ['shares', shares],
  ['means', means],
  ['quantiles', quantiles],
] as const) {
  describe(`a sick target in the untouched arm: ${name}`, () => {
    const sick = TARGETS - 1;
    it('does not hide harm, and is named', () => {
      const verdict = verdictOf(judged(each, 3, 60, (target) => (target < 3 ? 2 : target === sick ? 100 : 1)));
      assert.equal(verdict.outcome, 'fail', `${verdict.evidence.harm}: ${verdict.says}`);
      assert.deepEqual(verdict.leftOut, [`T${sick}`]);
    });
    it('does not make harm either', () => {
      const verdict = verdictOf(judged(each, 3, 60, (target) => (target === sick ? 100 : 1)));
      assert.notEqual(verdict.outcome, 'fail', `${verdict.evidence.harm}: ${verdict.says}`);
    });
    it('is not learned from: after a long time it still hides nothing', () => {
      const late = (target: number, window: number) =>
        target < 3 && window > PAST + 60 ? 2 : target === sick ? 100 : 1;
      const verdict = verdictOf(judged(each, 3, 200, late));
      assert.equal(verdict.outcome, 'fail', `${verdict.evidence.harm}: ${verdict.says}`);
    });
    it('is back when it is well again', () => {
      const verdict = verdictOf(
        judged(each, 3, 120, (target, window) => (target === sick && window < PAST + 20 ? 100 : 1)),
      );
      assert.deepEqual(verdict.leftOut, []);
    });
  });

  describe(`one bad target among many treated ones: ${name}`, () => {
    it('is named', () => {
      const verdict = verdictOf(judged(each, 20, 30, (target) => (target === 7 ? 20 : 1)));
      assert.deepEqual(verdict.outliers, ['T7'], `${verdict.outcome}: ${verdict.says}`);
    });
    it('nobody is where all are alike, bad or not', () => {
      for (const times of [1, 3]) {
        const verdict = verdictOf(judged(each, 20, 30, (target) => (target < 20 ? times : 1)));
        assert.deepEqual(verdict.outliers, []);
      }
    });
  });
}

it('one bad target that the others outweigh is no pass', () => {
  const roomy: Case = { ...shares, check: { ...errors, margin: { absolute: 0.01 } } };
  const bad = verdictOf(judged(roomy, 20, 60, (target) => (target === 7 ? 20 : 1)));
  assert.equal(bad.outcome, 'inconclusive', bad.says);
  assert.equal(bad.cause, 'outliers');
  assert.match(bad.says, /T7/);
  assert.equal(verdictOf(judged(roomy, 20, 60, () => 1)).outcome, 'pass');
});

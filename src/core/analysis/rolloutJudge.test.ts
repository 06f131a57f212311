import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckSpec } from './checkSpec.ts';
import type { TargetSample } from './targetSample.ts';
import { JudgedRole } from './testing/judgedRole.ts';

const TARGETS = 20;
const plain = { name: 'it', effect: 'guardrail', margin: {} } as const;

/** A number in [0, 1) that looks like chance and is the same every time. */
const coin = (...parts: readonly number[]) => {
  let mixed = 0x9e3779b9;
  for (const part of parts) mixed = Math.imul(mixed ^ (part + 0x7f4a7c15), 0x85ebca6b) ^ (mixed >>> 13);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
};
/** Counts with this mean that never stray far. */
const near = (mean: number, target: number, window: number) => Math.floor(mean + coin(target, window, 1));

/** What a target reports, the treated ones with a factor on what is measured. */
type Report = (factor: number, target: number, window: number) => Readonly<Record<string, readonly number[]>>;

function judged(
  check: CheckSpec,
  report: Report,
  factor: number,
  stage: { readonly treated: number; readonly windows: number },
) {
  const judged = new JudgedRole([check]);
  const samples = (window: number, treated: number): TargetSample[] =>
    Array.from({ length: TARGETS }, (_, target) => ({
      target: String(target),
      treated: target < treated,
      inStage: target < treated,
      minutes: 1,
      values: new Map(Object.entries(report(target < treated ? factor : 1, target, window))),
    }));
  for (let window = 0; window < 200; window++) judged.learn(samples(window, 0));
  judged.begin(stage.windows);
  for (let window = 200; window < 200 + stage.windows; window++) judged.see(samples(window, stage.treated));
  const [verdict] = judged.judge.verdicts();
  assert.ok(verdict !== undefined);
  return verdict;
}

const stage = { treated: 4, windows: 60 };

describe('every kind of check', () => {
  const requests: Report = (factor, target, window) => ({
    failures: [near(5 * factor, target, window)],
    total: [500],
  });
  const share: CheckSpec = { ...plain, kind: 'failureProportion', failures: 'failures', total: 'total' };
  const kinds: readonly (readonly [string, CheckSpec, Report, harm: number, fine: CheckSpec])[] = [
    ['failures among requests', share, requests, 2, { ...share, margin: { relative: 0.5 } }],
    [
      'events a minute',
      { ...plain, kind: 'eventRate', events: 'faults' },
      (factor, target, window) => ({ faults: [near(3 * factor, target, window)] }),
      2,
      { ...plain, kind: 'eventRate', events: 'faults', margin: { absolute: 2 } },
    ],
    [
      'a mean',
      { ...plain, kind: 'mean', metric: 'latency', worse: 'higher' },
      (factor, target, window) => ({ latency: [100 * factor * (0.9 + 0.2 * coin(target, window))] }),
      1.3,
      { ...plain, kind: 'mean', metric: 'latency', worse: 'higher', margin: { relative: 0.2 } },
    ],
    [
      'a quantile',
      { ...plain, kind: 'quantile', metric: 'latency', quantile: 0.9 },
      (factor, target, window) => ({
        latency: Array.from({ length: 30 }, (_, index) => 10 * factor * (1 + coin(target, window, index))),
      }),
      1.3,
      { ...plain, kind: 'quantile', metric: 'latency', quantile: 0.9, margin: { relative: 0.3 } },
    ],
    [
      'health',
      { ...plain, kind: 'health', metric: 'well' },
      (factor, target, window) => ({ well: [coin(target, window) < 0.02 * factor ? 0 : 1] }),
      15,
      { ...plain, kind: 'health', metric: 'well', margin: { absolute: 0.2 } },
    ],
    [
      'something that should not stop',
      { kind: 'vanished', name: 'it', effect: 'guardrail', events: 'requests', atLeast: 0.9 },
      (factor, target, window) => ({ requests: [near(50 / factor, target, window)] }),
      2,
      { kind: 'vanished', name: 'it', effect: 'guardrail', events: 'requests', atLeast: 0.5 },
    ],
  ];
  for (const [name, check, report, harm, fine] of kinds) {
    describe(name, () => {
      it('harm fails, and the sentence says how much', () => {
        const verdict = judged(check, report, harm, stage);
        assert.equal(verdict.outcome, 'fail', `${verdict.evidence.harm} nats: ${verdict.says}`);
        assert.match(verdict.says, /on treated targets.*on untouched targets; the difference is at (least|most)/);
      });
      it('no change passes where a margin is given, and fails nowhere', () => {
        assert.notEqual(judged(check, report, 1, stage).outcome, 'fail');
        const verdict = judged(fine, report, 1, stage);
        assert.equal(verdict.outcome, 'pass', `${verdict.evidence.noHarm} nats: ${verdict.says}`);
      });
      it('a metric that treated targets stopped reporting is no data', () => {
        const silent = judged(
          check,
          (factor, target, window) => (factor === 1 ? report(1, target, window) : {}),
          harm,
          stage,
        );
        assert.equal(silent.outcome, 'no-data');
        assert.equal(silent.cause, 'dead-metric');
        assert.match(silent.says, /(was|were) reported by treated targets before and (is|are) not any more/);
      });
      it('where no untouched target is left it goes by the past, and says so', () => {
        const verdict = judged(check, report, harm, { treated: TARGETS, windows: 20 });
        assert.equal(verdict.compared, 'before');
        assert.match(verdict.says, /the hour cannot be told from the change/);
      });
    });
  }
});

it('a signal does not spend the budget of the guardrails', () => {
  const check: CheckSpec = { name: 'faults', effect: 'signal', margin: {}, kind: 'eventRate', events: 'faults' };
  const judged = new JudgedRole([check]);
  const samples = (treated: number): TargetSample[] =>
    Array.from({ length: 10 }, (_, target) => ({
      target: String(target),
      treated: target < treated,
      inStage: target < treated,
      minutes: 1,
      values: new Map([['faults', [target < treated ? 50 : 1]]]),
    }));
  for (let window = 0; window < 50; window++) judged.learn(samples(0));
  judged.begin(30);
  for (let window = 0; window < 30; window++) judged.see(samples(2));
  assert.deepEqual(judged.judge.failing(), []);
  assert.equal(judged.judge.spent, 0);
  assert.equal(judged.judge.verdicts()[0]?.outcome, 'fail');
});

it('all questions share one budget: what one of them has found counts by its share', () => {
  const spentWith = (...events: readonly string[]) => {
    const checks = events.map(
      (metric, index): CheckSpec => ({ ...plain, name: `check-${index}`, kind: 'eventRate', events: metric }),
    );
    const judged = new JudgedRole(checks);
    const samples = (treated: number): TargetSample[] =>
      Array.from({ length: 10 }, (_, target) => ({
        target: String(target),
        treated: target < treated,
        inStage: target < treated,
        minutes: 1,
        values: new Map([
          ['bad', [target < treated ? 4 : 2]],
          ['still', [0]],
        ]),
      }));
    for (let window = 0; window < 50; window++) judged.learn(samples(0));
    judged.begin(30);
    for (let window = 0; window < 4; window++) judged.see(samples(2));
    return judged.judge.spent;
  };
  const alone = spentWith('bad');
  assert.ok(alone > 0.01 && alone < 1, String(alone));
  assert.ok(Math.abs(spentWith('bad', 'bad') - alone) < 1e-9, 'two that say the same say no more');
  const withStill = spentWith('bad', 'still');
  assert.ok(withStill < 0.6 * alone && withStill > 0.5 * alone, `${withStill} of ${alone}`);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckSpec } from './checkSpec.ts';
import type { Worse } from './margin.ts';
import type { Figures, TargetSample } from './targetSample.ts';
import { JudgedRole } from './testing/judgedRole.ts';
import type { VerdictOutcome } from './verdict.ts';

const TARGETS = 20;
const PAST = 240;
const WINDOWS = 60;
const coin = (target: number, window: number) =>
  (Math.imul(target * 7919 + window * 104_729 + 11, 0x9e3779b1) >>> 0) / 2 ** 32;
const near = (mean: number, target: number, window: number) => Math.floor(mean + coin(target, window));

/** What five treated of twenty targets come to when they report so many times as much as usual. */
function judged(
  check: CheckSpec,
  times: number,
  report: (times: number, target: number, window: number) => Readonly<Record<string, Figures>>,
  minutes: (target: number) => number = () => 1,
  untilItPasses = false,
) {
  const role = new JudgedRole([check]);
  const samples = (window: number, treated: number): TargetSample[] =>
    Array.from({ length: TARGETS }, (_, target) => ({
      target: `t${target}`,
      treated: target < treated,
      inStage: target < treated,
      minutes: minutes(target),
      values: new Map(Object.entries(report(target < treated ? times : 1, target, window))),
    }));
  for (let window = 0; window < PAST; window++) role.learn(samples(window, 0));
  role.begin(WINDOWS);
  for (let window = PAST; window < PAST + WINDOWS; window++) {
    role.see(samples(window, 5));
    if (untilItPasses && role.judge.verdicts()[0]?.outcome === 'pass') break;
  }
  const [verdict] = role.judge.verdicts();
  assert.ok(verdict !== undefined);
  return verdict;
}

describe('margins: one- and two-sided, relative and absolute', () => {
  const plain = { name: 'it', effect: 'guardrail' } as const;
  const kinds = {
    share: (margin: { relative?: number; absolute?: number }, worse: Worse): CheckSpec => ({
      ...plain,
      kind: 'failureProportion',
      failures: 'failures',
      total: 'requests',
      margin,
      worse,
    }),
    rate: (margin: { relative?: number; absolute?: number }, worse: Worse): CheckSpec => ({
      ...plain,
      kind: 'eventRate',
      events: 'faults',
      margin,
      worse,
    }),
    mean: (margin: { relative?: number; absolute?: number }, worse: Worse): CheckSpec => ({
      ...plain,
      kind: 'mean',
      metric: 'latency',
      margin,
      worse,
    }),
  };
  const report = (times: number, target: number, window: number) => ({
    requests: [200],
    failures: [near(10 * times, target, window)],
    faults: [near(5 * times, target, window)],
    latency: [100 * times * (0.9 + 0.2 * coin(target, window))],
  });
  /** What is usual of each. */
  const units = { share: 0.05, rate: 5, mean: 100 } as const;

  const table: readonly (readonly [Worse, times: number, 'relative' | 'absolute', VerdictOutcome])[] = [
    ['higher', 2, 'relative', 'fail'],
    ['higher', 2, 'absolute', 'fail'],
    ['higher', 0.4, 'relative', 'pass'],
    ['higher', 0.4, 'absolute', 'pass'],
    ['lower', 2, 'relative', 'pass'],
    ['lower', 2, 'absolute', 'pass'],
    ['lower', 0.4, 'relative', 'fail'],
    ['lower', 0.4, 'absolute', 'fail'],
    ['either', 2, 'relative', 'fail'],
    ['either', 0.4, 'relative', 'fail'],
    ['either', 2, 'absolute', 'fail'],
    ['either', 0.4, 'absolute', 'fail'],
    ['either', 1, 'relative', 'pass'],
    ['either', 1, 'absolute', 'pass'],
    ['higher', 1.05, 'relative', 'pass'],
    ['lower', 0.95, 'absolute', 'pass'],
  ];
  for (const [kind, spec] of Object.entries(kinds)) {
    for (const [worse, times, how, outcome] of table) {
      const unit = units[kind as keyof typeof units];
      const margin = how === 'relative' ? { relative: 0.3 } : { absolute: 0.3 * unit };
      it(`${kind}, ${worse} is worse, ${times} times as much, ${how}: ${outcome}`, () => {
        const verdict = judged(spec(margin, worse), times, report);
        assert.equal(verdict.outcome, outcome, verdict.says);
        assert.ok(Math.abs(verdict.margin - 0.3 * unit) < 0.03 * unit, `${verdict.margin}`);
        // What decides is what bounds.
        const [least, most] = [verdict.lower ?? Number.NEGATIVE_INFINITY, verdict.upper ?? Number.POSITIVE_INFINITY];
        if (outcome === 'fail') assert.ok(times > 1 ? least > 0 : most < 0, verdict.says);
        if (how === 'relative') return;
        const [bad, good] = times > 1 ? [least, most] : [-most, -least];
        if (outcome === 'fail') assert.ok(bad >= verdict.margin * 0.999, verdict.says);
        if (outcome === 'pass' && worse !== 'either' && times > 1 === (worse === 'higher'))
          assert.ok(good <= verdict.margin * 1.001, verdict.says);
      });
    }
  }

  it('a pass has its bound within the margin from its first moment', () => {
    for (const [kind, spec] of Object.entries(kinds)) {
      for (const worse of ['higher', 'lower', 'either'] as const) {
        const margin = 0.3 * units[kind as keyof typeof units];
        const verdict = judged(spec({ absolute: margin }, worse), 1, report, () => 1, true);
        assert.equal(verdict.outcome, 'pass', verdict.says);
        if (worse !== 'lower') assert.ok((verdict.upper ?? 1e9) <= verdict.margin * 1.001, verdict.says);
        if (worse !== 'higher') assert.ok((verdict.lower ?? -1e9) >= -verdict.margin * 1.001, verdict.says);
      }
    }
  });

  it('to be within on one side is no pass where both bind', () => {
    for (const spec of Object.values(kinds)) {
      assert.notEqual(judged(spec({ relative: 0.3 }, 'either'), 1.32, report).outcome, 'pass');
      assert.notEqual(judged(spec({ relative: 0.3 }, 'either'), 0.68, report).outcome, 'pass');
    }
  });

  it('three fifths less is accepted down to two fifths, not further', () => {
    for (const spec of Object.values(kinds)) {
      assert.equal(judged(spec({ relative: 0.6 }, 'lower'), 0.5, report).outcome, 'pass');
      assert.equal(judged(spec({ relative: 0.6 }, 'lower'), 0.2, report).outcome, 'fail');
    }
  });

  it('with both kinds of margin either is enough to be accepted', () => {
    for (const margin of [
      { relative: 0.1, absolute: 20 },
      { relative: 2, absolute: 0.1 },
    ])
      assert.equal(judged(kinds.rate(margin, 'higher'), 2, report).outcome, 'pass');
    assert.equal(judged(kinds.rate({ relative: 0.1, absolute: 1 }, 'higher'), 2, report).outcome, 'fail');
  });
});

describe('the exposure of a rate is the time its figures cover', () => {
  const check: CheckSpec = {
    name: 'faults',
    effect: 'guardrail',
    kind: 'eventRate',
    events: 'faults',
    margin: { relative: 0.5 },
  };
  it('who reports for twice as long and twice as much is no worse', () => {
    const minutes = (target: number) => (target < 5 ? 2 : 1);
    const verdict = judged(
      check,
      1,
      (_, target, window) => ({ faults: [near(5 * minutes(target), target, window)] }),
      minutes,
    );
    assert.equal(verdict.outcome, 'pass', verdict.says);
    assert.equal(verdict.treated.exposure, 5 * 2 * WINDOWS);
    assert.match(verdict.says, /a target and minute of 600 target-minutes on treated targets/);
  });
  it('who reports as much in half the time is', () => {
    const half = judged(
      check,
      1,
      (_, target, window) => ({ faults: [near(5, target, window)] }),
      () => 0.5,
    );
    assert.equal(half.outcome, 'pass', half.says);
    assert.ok(Math.abs((half.treated.level ?? 0) - 10) < 0.5, half.says);
  });
});

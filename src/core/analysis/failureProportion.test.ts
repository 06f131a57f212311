import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { judge, type Measured, metricsOf } from './checkRegistry.ts';
import { type FailureProportionInput, judgeFailureProportion } from './failureProportion.ts';

const usual: FailureProportionInput = {
  check: 'errors',
  role: 'api',
  events: 'requests',
  margin: 0.02,
  alpha: 0.01,
  treated: { failures: 0, total: 1000 },
  untouched: { failures: 5, total: 5210 },
  compared: 'at-the-same-time',
  exposure: { metric: 'requests', gathered: 1000, atLeast: 200 },
};

describe('the five verdicts', () => {
  const rows: readonly (readonly [string, Partial<FailureProportionInput>, string, string])[] = [
    [
      'the treated share is above the untouched one by more than the margin, surely',
      { treated: { failures: 51, total: 412 } },
      'fail',
      'api: 12.4 % of 412 requests failed on treated targets, 0.096 % of 5,210 on untouched ones; the difference is at least 6.53 points (margin 2)',
    ],
    [
      'a failure needs no exposure: harm is harm',
      { treated: { failures: 40, total: 60 }, exposure: { metric: 'requests', gathered: 60, atLeast: 200 } },
      'fail',
      'api: 66.7 % of 60 requests failed on treated targets, 0.096 % of 5,210 on untouched ones; the difference is at least 42.5 points (margin 2)',
    ],
    [
      'the difference is surely within the margin, and the exposure is there',
      {},
      'pass',
      'api: 0 % of 1,000 requests failed on treated targets, 0.096 % of 5,210 on untouched ones; the difference is at most 0.611 points (margin 2)',
    ],
    [
      'law 4: good figures do not stand in for the exposure asked for',
      { exposure: { metric: 'requests', gathered: 1000, atLeast: 5000 } },
      'inconclusive',
      'api: 0 % of 1,000 requests failed on treated targets, 0.096 % of 5,210 on untouched ones; the difference is at most 0.611 points (margin 2), but it has seen 1,000 of the 5,000 requests asked for',
    ],
    [
      'too few events to tell',
      { treated: { failures: 0, total: 100 }, exposure: null },
      'inconclusive',
      'api: 0 % of 100 requests failed on treated targets, 0.096 % of 5,210 on untouched ones; the difference is between -0.347 and 6.04 points (margin 2); about 204 more requests on treated targets would tell',
    ],
    [
      'heading for a failure, not yet sure',
      { treated: { failures: 5, total: 60 } },
      'inconclusive',
      'api: 8.3 % of 60 requests failed on treated targets, 0.096 % of 5,210 on untouched ones; the difference is between 0.586 and 27 points (margin 2); about 89 more requests on treated targets would tell',
    ],
    [
      'exactly on the margin no amount of data tells',
      { treated: { failures: 20, total: 1000 }, untouched: { failures: 0, total: 1_000_000 }, margin: 0.02 },
      'inconclusive',
      'api: 2 % of 1,000 requests failed on treated targets, 0 % of 1,000,000 on untouched ones; the difference is between 0.765 and 4.16 points (margin 2); more requests like these would not tell',
    ],
    [
      'law 2: nothing seen is not health',
      { treated: { failures: 0, total: 0 } },
      'no-data',
      'api: no requests on treated targets yet, so nothing can be judged',
    ],
    [
      'law 2: a metric that nobody reports is not health',
      { treated: null },
      'no-data',
      'api: no treated target reports requests and their failures, so nothing can be judged',
    ],
    [
      'nothing to compare with',
      { untouched: { failures: 0, total: 0 } },
      'no-data',
      'api: no requests on untouched targets: nothing to compare 1,000 requests on treated targets with',
    ],
    [
      'nothing to compare with, not even the past',
      { untouched: null, compared: 'before' },
      'no-data',
      'api: requests and their failures are not reported before the change: nothing to compare 1,000 requests on treated targets with',
    ],
    [
      'the whole role is treated: its own past is what it is compared with',
      { compared: 'before' },
      'pass',
      'api: 0 % of 1,000 requests failed on treated targets, 0.096 % of 5,210 before; the difference is at most 0.611 points (margin 2)',
    ],
    [
      'more failures than events',
      { treated: { failures: 12, total: 10 } },
      'error',
      'api: cannot judge errors: treated targets report 12 failures of only 10 requests; see whether every failure is also counted as one of the requests',
    ],
    [
      'not a number',
      { untouched: { failures: Number.NaN, total: 10 } },
      'error',
      'api: cannot judge errors: untouched targets report NaN failures of 10 requests, which are not counts',
    ],
    [
      'negative',
      { treated: { failures: -1, total: 10 } },
      'error',
      'api: cannot judge errors: treated targets report -1 failures of 10 requests, which are not counts',
    ],
    [
      'a margin that is no share',
      { margin: 2 },
      'error',
      'api: cannot judge errors: its margin is 2, which is not between 0 and 1',
    ],
    [
      'no error budget',
      { alpha: 0 },
      'error',
      'api: cannot judge errors: its share of the error budget is 0, which is not between 0 and 1',
    ],
  ];
  for (const [why, change, outcome, says] of rows) {
    it(`${outcome}: ${why}`, () => {
      const verdict = judgeFailureProportion({ ...usual, ...change });
      assert.equal(verdict.says, says);
      assert.equal(verdict.outcome, outcome);
    });
  }
});

describe('what is still missing', () => {
  it('is what it takes: with that many more events at the same proportions there is a verdict, with clearly fewer there is none', () => {
    const rows = fc.record({
      treatedShare: fc.constantFrom(0, 0.001, 0.01, 0.05, 0.1, 0.3),
      total: fc.integer({ min: 5, max: 2000 }),
      ratio: fc.constantFrom(0.2, 1, 4, 99),
    });
    fc.assert(
      fc.property(rows, ({ treatedShare, total, ratio }) => {
        const at = (treatedTotal: number) =>
          judgeFailureProportion({
            ...usual,
            exposure: null,
            treated: { failures: treatedShare * treatedTotal, total: treatedTotal },
            untouched: { failures: 0.001 * treatedTotal * ratio, total: treatedTotal * ratio },
          });
        const { outcome, missing } = at(total);
        if (outcome !== 'inconclusive') return assert.equal(missing, 0);
        assert.ok(missing !== null && missing >= 1, `${missing}`);
        assert.notEqual(at(total + missing).outcome, 'inconclusive');
        assert.equal(at(total + Math.floor(missing * 0.97) - 1).outcome, 'inconclusive');
      }),
    );
  });

  it('counts the exposure in treated events when another metric measures it', () => {
    const verdict = judgeFailureProportion({ ...usual, exposure: { metric: 'hours', gathered: 2, atLeast: 6 } });
    assert.equal(verdict.missing, 2000);
    const unknown = judgeFailureProportion({ ...usual, exposure: { metric: 'hours', gathered: 0, atLeast: 6 } });
    assert.equal(unknown.missing, null);
    assert.equal(unknown.outcome, 'inconclusive');
  });
});

it('the judge is total: whatever the numbers are there is a verdict, and only finite bounds open or close anything', () => {
  const anything = fc.oneof(
    fc.double(),
    fc.integer({ min: 0, max: 100 }),
    fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    fc.constantFrom(0, -0, 1, Number.NaN, Infinity, -Infinity, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53, 0.02),
  );
  const arm = fc.option(fc.record({ failures: anything, total: anything }));
  const probability = fc.oneof(anything, fc.double({ min: 0, max: 1 }));
  fc.assert(
    fc.property(
      probability,
      probability,
      arm,
      arm,
      fc.option(fc.record({ metric: fc.string(), gathered: anything, atLeast: anything })),
      (margin, alpha, treated, untouched, exposure) => {
        const verdict = judgeFailureProportion({ ...usual, margin, alpha, treated, untouched, exposure });
        const decided = verdict.outcome === 'pass' || verdict.outcome === 'fail';
        const bounded = decided || verdict.outcome === 'inconclusive';
        for (const value of [verdict.estimate, verdict.lower, verdict.upper]) {
          assert.ok(bounded ? Number.isFinite(value) : value === null, JSON.stringify(verdict));
        }
        assert.deepEqual(JSON.parse(JSON.stringify(verdict)), verdict);
        if (decided) assert.equal(verdict.missing, 0);
        assert.ok(verdict.missing === null || (Number.isSafeInteger(verdict.missing) && verdict.missing >= 0));
        if (verdict.outcome === 'pass') assert.ok((verdict.upper ?? 2) <= margin);
        if (verdict.outcome === 'fail') assert.ok((verdict.lower ?? -2) > margin);
      },
    ),
    { numRuns: 2000 },
  );
});

describe('the registry of checks', () => {
  const check = {
    name: 'errors',
    kind: 'failureProportion',
    effect: 'guardrail',
    failures: 'failures',
    total: 'requests',
    margin: 0.02,
  } as const;
  const measured: Measured = {
    role: 'api',
    alpha: 0.01,
    treated: { failures: 0, requests: 1000 },
    untouched: { failures: 5, requests: 5210 },
    compared: 'at-the-same-time',
    exposure: usual.exposure,
  };

  it('reads the metrics that the check names and judges them', () => {
    assert.deepEqual(metricsOf(check), ['failures', 'requests']);
    const { missing: _, ...expected } = judgeFailureProportion(usual);
    assert.deepEqual(judge(check, measured), expected);
  });

  it('law 2: takes a missing failure counter for silence, not for no failures', () => {
    assert.equal(judge(check, { ...measured, treated: { requests: 1000 } }).outcome, 'no-data');
    assert.equal(judge(check, { ...measured, untouched: { failures: 0 } }).outcome, 'no-data');
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Seen } from './checkJudge.ts';
import type { CheckSpec } from './checkSpec.ts';
import { type Said, sayFinding } from './sayFinding.ts';

const plain = { name: 'it', effect: 'guardrail' } as const;
const errors: CheckSpec = {
  ...plain,
  kind: 'failureProportion',
  failures: 'failures',
  total: 'requests',
  margin: { absolute: 0.01 },
};
const latency: CheckSpec = { ...plain, kind: 'mean', metric: 'latency', worse: 'higher', margin: { relative: 0.1 } };
const slow: CheckSpec = { ...plain, kind: 'quantile', metric: 'latency', quantile: 0.99, margin: { relative: 0.2 } };

const seen = (more: Partial<Seen>): Seen => ({
  estimate: 0.02,
  lower: 0.0123456,
  upper: 0.0345678,
  allowed: 0.01,
  treated: { level: 0.025, exposure: 12_345, targets: 3 },
  untouched: { level: 0.005, exposure: 99_999, targets: 27 },
  noise: { figure: 1.4, blocks: 200 },
  compared: 'at-the-same-time',
  outliers: [],
  leftOut: [],
  limit: null,
  sickness: null,
  ...more,
});

describe('a finding in one sentence', () => {
  const table: readonly (readonly [string, Said, string])[] = [
    [
      'a failure says how bad it is at least, rounded down',
      { check: errors, outcome: 'fail', seen: seen({}), next: null },
      '2.5 % of 12,345 events failed on treated targets, 0.5 % on untouched targets; the difference is at least 1.23 % (accepted up to 1 % more)',
    ],
    [
      'a pass says how bad it is at most, rounded up',
      { check: errors, outcome: 'pass', seen: seen({ lower: -0.001, upper: 0.0071234 }), next: null },
      '2.5 % of 12,345 events failed on treated targets, 0.5 % on untouched targets; the difference is at most 0.713 % (accepted up to 1 % more)',
    ],
    [
      'what is undecided says between what, and what is missing',
      {
        check: errors,
        outcome: 'inconclusive',
        seen: seen({ lower: -0.0011119 }),
        next: { missing: 4321, of: 'requests', expectedAt: null },
      },
      '2.5 % of 12,345 events failed on treated targets, 0.5 % on untouched targets; the difference is between -0.112 % and 3.46 % (accepted up to 1 % more); some 4,321 requests more would tell',
    ],
    [
      'and what more of the same would not tell',
      { check: errors, outcome: 'inconclusive', seen: seen({ lower: null }), next: null },
      '2.5 % of 12,345 events failed on treated targets, 0.5 % on untouched targets; the difference is at most 3.46 % (accepted up to 1 % more); more like this would not tell',
    ],
    [
      'nothing to bound it with',
      { check: errors, outcome: 'inconclusive', seen: seen({ lower: null, upper: null }), next: null },
      '2.5 % of 12,345 events failed on treated targets, 0.5 % on untouched targets; too little was seen to bound the difference (accepted up to 1 % more); more like this would not tell',
    ],
    [
      'who is bad alone, and who is left out',
      {
        check: errors,
        outcome: 'inconclusive',
        seen: seen({ outliers: ['a', 'b', 'c', 'd', 'e'], leftOut: ['z'] }),
        next: null,
      },
      '2.5 % of 12,345 events failed on treated targets, 0.5 % on untouched targets; the difference is between 1.23 % and 3.46 % (accepted up to 1 % more); a, b, c and 2 more alone are beyond it; z, untouched and sick, left out',
    ],
    [
      'what makes it doubtful',
      {
        check: errors,
        outcome: 'fail',
        seen: seen({ compared: 'before', noise: { figure: 2, blocks: 0 } }),
        next: null,
      },
      '2.5 % of 12,345 events failed on treated targets, 0.5 % before; the difference is at least 1.23 % (accepted up to 1 % more); its noise is not known: there is too little past, and the hour cannot be told from the change',
    ],
    [
      'a mean has its own unit',
      {
        check: latency,
        outcome: 'fail',
        seen: seen({
          lower: 20.129,
          upper: 40,
          allowed: 12.5,
          treated: { level: 1512.4, exposure: 60, targets: 3 },
          untouched: { level: 125, exposure: 60, targets: 20 },
        }),
        next: null,
      },
      '1,512 on treated targets, 125 on untouched targets; the difference is at least 20.1 (accepted up to 12.5 more)',
    ],
    [
      'where lower is worse a failure says how much lower at least',
      {
        check: { ...latency, worse: 'lower' },
        outcome: 'fail',
        seen: seen({ lower: -40, upper: -20.129, allowed: 12.5 }),
        next: null,
      },
      '0.025 on treated targets, 0.005 on untouched targets; the difference is at most -20.1 (accepted up to 12.5 less)',
    ],
    [
      'where either way is worse a pass says between what',
      {
        check: { ...latency, worse: 'either' },
        outcome: 'pass',
        seen: seen({ lower: -4, upper: 5, allowed: 12.5 }),
        next: null,
      },
      '0.025 on treated targets, 0.005 on untouched targets; the difference is between -4 and 5 (accepted up to 12.5 more or less)',
    ],
    [
      'a quantile says what counts as slow',
      { check: slow, outcome: 'pass', seen: seen({ upper: 0.001, limit: { told: 120, isCoarse: false } }), next: null },
      '2.5 % of 12,345 values were above the untouched p99 on treated targets, 0.5 % on untouched targets; the difference is at most 0.1 % (accepted up to that of untouched targets and 20 % more: above 120)',
    ],
    [
      'and where buckets are too coarse for the margin',
      { check: slow, outcome: 'fail', seen: seen({ limit: { told: 250, isCoarse: true } }), next: null },
      '2.5 % of 12,345 values were above the untouched p99 on treated targets, 0.5 % on untouched targets; the difference is at least 1.23 % (accepted up to that of untouched targets and 20 % more: above 250, where its bucket ends)',
    ],
  ];
  for (const [name, said, expected] of table) it(name, () => assert.equal(sayFinding(said), expected));
});

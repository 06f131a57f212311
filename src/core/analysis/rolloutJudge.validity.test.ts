import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckSpec } from './checkSpec.ts';
import { PastBook } from './pastBook.ts';
import { RolloutJudge } from './rolloutJudge.ts';
import type { TargetSample } from './targetSample.ts';

const RUNS = 150;
const TARGETS = 10;
const PAST = 100;
const STAGES = [2, 4] as const;
const WINDOWS = 25;
const BUDGET = 0.2;
const MISS_RATE = 0.2;
const ROLE = 'web';

/** Numbers in [0, 1) that look like chance and are the same every time (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function poisson(chance: () => number, mean: number): number {
  const limit = Math.exp(-mean);
  let [count, product] = [0, chance()];
  while (product > limit) {
    product *= chance();
    count++;
  }
  return count;
}

function normal(chance: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
}

/** At most so many of {@link RUNS} may go wrong if each does with that probability: three standard deviations above. */
const allowed = (share: number) => RUNS * share + 3 * Math.sqrt(RUNS * share * (1 - share));

/** Whether it was ever rolled back, and whether any stage was ever passed, when treated targets report `times` as much. */
function rollout(checks: readonly CheckSpec[], times: number, seed: number): { rolledBack: boolean; passed: boolean } {
  const chance = chanceOf(seed);
  const judge = new RolloutJudge({ checks, budget: BUDGET, missRate: MISS_RATE }, { changed: [ROLE] });
  const book = new PastBook(60_000);
  for (const check of checks) book.follow(ROLE, check);
  const samples = (treated: number, before: number): TargetSample[] =>
    Array.from({ length: TARGETS }, (_, target) => {
      const factor = target < treated ? times : 1;
      return {
        target: String(target),
        treated: target < treated,
        inStage: target < treated && target >= before,
        minutes: 1,
        values: new Map([
          ['requests', [100]],
          ['failures', [poisson(chance, factor)]],
          ['faults', [poisson(chance, 0.5 * factor)]],
          ['latency', [100 * factor * Math.exp(0.1 * normal(chance))]],
        ]),
      };
    });
  for (let window = 0; window < PAST; window++) book.learn(window, ROLE, samples(0, 0));
  let [rolledBack, passed] = [false, false];
  for (const [stage, treated] of STAGES.entries()) {
    judge.begin(stage, stage, WINDOWS, () => book);
    for (let window = 0; window < WINDOWS; window++) {
      const found = samples(treated, STAGES[stage - 1] ?? 0);
      judge.observe({ at: window, role: ROLE, samples: found }, book);
      book.learn(window, ROLE, found);
      rolledBack ||= judge.failing().length > 0;
      passed ||= judge.findings().some(({ noHarm }) => noHarm >= -Math.log(MISS_RATE));
    }
  }
  return { rolledBack, passed };
}

const plain = { effect: 'guardrail' } as const;
const errors: CheckSpec = {
  ...plain,
  name: 'errors',
  kind: 'failureProportion',
  failures: 'failures',
  total: 'requests',
  margin: {},
};
const faults: CheckSpec = { ...plain, name: 'faults', kind: 'eventRate', events: 'faults', margin: {} };
const latency: CheckSpec = {
  ...plain,
  name: 'latency',
  kind: 'mean',
  metric: 'latency',
  worse: 'higher',
  margin: {},
};

describe('how often a whole rollout of two stages, looked at after every window, is judged wrongly', () => {
  it('a harmless change is rolled back within the budget', () => {
    let wrong = 0;
    for (let run = 1; run <= RUNS; run++) if (rollout([errors, faults, latency], 1, run).rolledBack) wrong++;
    assert.ok(wrong <= allowed(BUDGET), `${wrong} of ${RUNS}`);
  });

  for (const [name, check] of [
    ['shares', { ...errors, margin: { relative: 0.5 } }],
    ['rates', { ...faults, margin: { relative: 0.5 } }],
    ['means', { ...latency, margin: { relative: 0.05 } }],
  ] as const) {
    it(`${name} just beyond the margin pass a stage within the miss rate`, () => {
      const times = 1 + (check.margin.relative ?? 0);
      let wrong = 0;
      for (let run = 1; run <= RUNS; run++) if (rollout([check], times, run).passed) wrong++;
      // One question for each of two stages.
      assert.ok(wrong <= allowed(2 * MISS_RATE), `${wrong} of ${RUNS}`);
    });
  }
});

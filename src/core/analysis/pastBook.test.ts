import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckSpec } from './checkSpec.ts';
import { PastBook } from './pastBook.ts';
import type { Figures, TargetSample } from './targetSample.ts';

const WINDOW_MS = 10_000;
const ROLE = 'web';
const coin = (target: number, window: number) =>
  (Math.imul(target * 7919 + window * 104_729 + 11, 0x9e3779b1) >>> 0) / 2 ** 32;

const plain = { name: 'it', effect: 'guardrail', margin: {} } as const;
const CHECKS = {
  share: { ...plain, kind: 'failureProportion', failures: 'failures', total: 'requests' },
  rate: { ...plain, kind: 'eventRate', events: 'faults' },
  mean: { ...plain, kind: 'mean', metric: 'latency', worse: 'higher' },
  quantile: { ...plain, kind: 'quantile', metric: 'latency', quantile: 0.9 },
  vanished: { name: 'it', effect: 'guardrail', kind: 'vanished', events: 'requests', atLeast: 0.5 },
} as const satisfies Record<string, CheckSpec>;

/** A past of twenty targets in which everything is `times` as much in the newest windows. */
function past(
  windows: number,
  newest: number,
  times: Readonly<Record<string, number>>,
  bursts: (target: number, window: number) => number = () => 1,
): PastBook {
  const book = new PastBook(WINDOW_MS);
  for (const check of Object.values(CHECKS)) book.follow(ROLE, check);
  for (let window = 0; window < windows; window++) {
    const now = (metric: string) => (window >= windows - newest ? (times[metric] ?? 1) : 1);
    const samples = Array.from({ length: 20 }, (_, target): TargetSample => {
      const values: Readonly<Record<string, Figures>> = {
        requests: [Math.floor(200 * now('requests'))],
        failures: [Math.floor(now('failures') + coin(target, window))],
        faults: [Math.floor((3 + coin(target, window)) * now('faults') * bursts(target, window))],
        latency: [100 * (0.8 + 0.4 * coin(target, window)) * now('latency')],
      };
      return {
        target: String(target),
        treated: false,
        inStage: false,
        minutes: 1 / 6,
        values: new Map(Object.entries(values)),
      };
    });
    book.learn(window * WINDOW_MS, ROLE, samples);
  }
  return book;
}

describe('what a check can go by before anything is changed', () => {
  const table: readonly (readonly [string, CheckSpec, PastBook, { moves: boolean; sick: boolean }])[] = [
    ['a calm past', CHECKS.rate, past(300, 0, {}), { moves: true, sick: false }],
    ['no past', CHECKS.rate, past(0, 0, {}), { moves: false, sick: false }],
    ['a past too short to say', CHECKS.rate, past(12, 5, { faults: 20 }), { moves: true, sick: false }],
    ['ten times the faults', CHECKS.rate, past(300, 30, { faults: 10 }), { moves: true, sick: true }],
    ['a third more faults', CHECKS.rate, past(300, 30, { faults: 1.33 }), { moves: true, sick: false }],
    ['fewer faults', CHECKS.rate, past(300, 30, { faults: 0.1 }), { moves: true, sick: false }],
    ['ten times the failures', CHECKS.share, past(300, 30, { failures: 10 }), { moves: true, sick: true }],
    ['three times the latency', CHECKS.mean, past(300, 30, { latency: 3 }), { moves: true, sick: true }],
    ['and its quantile', CHECKS.quantile, past(300, 30, { latency: 3 }), { moves: true, sick: true }],
    ['traffic that is gone', CHECKS.vanished, past(300, 30, { requests: 0.1 }), { moves: true, sick: true }],
    ['what is over', CHECKS.rate, past(600, 0, { faults: 10 }), { moves: true, sick: false }],
  ];
  for (const [name, check, book, { moves, sick }] of table) {
    it(name, () => {
      const found = book.soundness(ROLE, check);
      assert.equal(found.moves, moves);
      assert.equal(found.sickness !== null, sick, JSON.stringify(found));
    });
  }

  it('says how bad it is, and how bad it ever was', () => {
    const { sickness, windows } = past(300, 30, { faults: 10 }).soundness(ROLE, CHECKS.rate);
    assert.equal(windows, 300);
    assert.ok(sickness !== null && sickness.level > 150 && sickness.usual < 25, JSON.stringify(sickness));
  });

  it('requests that never came do not move', () => {
    const book = past(60, 60, { requests: 0 });
    assert.equal(book.soundness(ROLE, CHECKS.share).moves, false);
    assert.equal(book.soundness(ROLE, CHECKS.share).windows, 60);
  });
});

describe('calibration: what the judge would have said of the past', () => {
  for (const [name, check, book] of [
    ['calm counts', CHECKS.rate, past(600, 0, {})],
    ['shares', CHECKS.share, past(600, 0, {})],
    ['a mean', CHECKS.mean, past(600, 0, {})],
    ['bursts', CHECKS.rate, past(600, 0, {}, (target, window) => (coin(target, window >> 3) > 0.97 ? 20 : 1))],
  ] as const) {
    it(`${name}: evidence is 1 on average at most, and comes to x in one of x blocks at most`, () => {
      const { blocks, average, reached } = book.calibration(ROLE, check, 32);
      assert.ok(blocks >= 20, `${blocks}`);
      assert.ok(average <= 1.1, `${average}`);
      for (const { times, found, allowed } of reached) {
        assert.equal(allowed, blocks / times);
        assert.ok(found <= Math.ceil(allowed) + 1, `${found} of ${blocks} came to ${times}`);
      }
    });
  }

  it('of no past has no blocks', () => {
    const { blocks, average, reached } = past(0, 0, {}).calibration(ROLE, CHECKS.rate, 32);
    assert.deepEqual([blocks, average, reached.every(({ found }) => found === 0)], [0, 0, true]);
  });
});

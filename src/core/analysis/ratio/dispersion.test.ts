import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dispersionOf, type GroupPast } from './dispersion.ts';
import { levelsOf, spreadOf } from './levels.ts';

/** Counts that are spread evenly enough to have the variance they are given, without chance: a low and a high value in turn. */
function groups(count: number, windows: number, events: (group: number, window: number) => number): GroupPast[] {
  return Array.from({ length: count }, (_, group) => ({
    events: Array.from({ length: windows }, (_, window) => events(group, window)),
    exposure: Array.from({ length: windows }, () => 1),
  }));
}

/** 0 or 1, without a pattern that blocks would see. */
const coin = (group: number, window: number) => (Math.imul(group * 7919 + window, 0x9e3779b1) >>> 16) & 1;

describe('how far counts stray', () => {
  const table: readonly (readonly [string, GroupPast[], number, number])[] = [
    ['all the same', groups(10, 400, () => 5), 1, 1],
    ['no past at all', [], 1, 1],
    ['too little past', groups(2, 6, (_, window) => window * 50), 1, 1],
    ['each window has either nothing or 20: variance 100, mean 10', groups(20, 400, (g, w) => 20 * coin(g, w)), 8, 25],
    [
      'moods of 16 windows: a block of 16 strays sixteen times as far',
      groups(20, 800, (g, w) => 20 * coin(g, w >> 4)),
      120,
      300,
    ],
    ['all follow the hour: what they share is not noise', groups(20, 400, (_, w) => 10 + 9 * Math.sin(w / 20)), 1, 1],
    ['levels that differ and stay', groups(20, 400, (g) => 5 + g), 1, 1.5],
  ];
  for (const [name, past, least, most] of table) {
    it(name, () => {
      const { factor } = dispersionOf(past, 32);
      assert.ok(factor >= least && factor <= most, `${factor} is not within ${least} and ${most}`);
    });
  }

  it('what lasts longer than a bake is not counted in', () => {
    const moods = groups(20, 800, (g, w) => 20 * coin(g, w >> 4));
    assert.ok(dispersionOf(moods, 1).factor < dispersionOf(moods, 16).factor / 4);
  });

  it('rare bursts weigh more than their variance', () => {
    // One block in a hundred has a hundred times as much.
    const bursty = groups(20, 400, (g, w) => ((Math.imul(g * 31 + (w >> 2), 0x9e3779b1) >>> 16) % 100 === 0 ? 100 : 1));
    const { factor } = dispersionOf(bursty, 32);
    // The variance alone would be about 100.
    assert.ok(factor > 130, `${factor}`);
  });

  it('a group that has turned sick and still is does not make all noisy, and one that bursts as others do is not sick', () => {
    const sick = (from: number) => groups(20, 400, (g, w) => (g === 3 && w >= from ? 50 : 4 + 2 * coin(g, w)));
    assert.ok(dispersionOf(sick(340), 32).factor < 1.2, 'for an hour');
    assert.ok(dispersionOf(sick(395), 32).factor < 1.2, 'for five minutes');
    const bursts = (g: number, w: number) => (Math.imul(g * 31 + (w >> 3), 0x9e3779b1) >>> 16) % 40 === 0;
    const bursty = groups(20, 400, (g, w) => (bursts(g, w) || (g === 3 && w >= 395) ? 50 : 5));
    assert.ok(dispersionOf(bursty, 32).factor > 50, 'bursts are noise');
  });

  it('minutes that are missing are no minutes without events', () => {
    const gappy = groups(20, 400, (g, w) => (coin(g, w) === 1 ? 5 : 0)).map(({ events }) => ({
      events,
      exposure: events.map((count) => (count > 0 ? 1 : 0)),
    }));
    assert.equal(dispersionOf(gappy, 32).factor, 1);
  });
});

describe('levels', () => {
  it('are 1 where targets differ by no more than counting makes them', () => {
    for (const level of levelsOf([9, 10, 11, 10].map((events) => ({ events, expected: 10 }))))
      assert.ok(Math.abs(level - 1) < 0.02);
  });
  it('are what was seen where much was seen, and nearer to 1 where little was', () => {
    const counted = [100_000, 200_000, 300_000].map((events) => ({ events, expected: 200_000 }));
    const levels = levelsOf([...counted, { events: 0, expected: 1 }]);
    assert.ok(Math.abs((levels[0] ?? 0) - 0.5) < 0.01 && Math.abs((levels[2] ?? 0) - 1.5) < 0.01);
    assert.ok((levels[3] ?? 0) > 0.3 && (levels[3] ?? 0) < 1);
  });
  it('of nobody have no spread, and never none', () => {
    assert.ok(spreadOf([]) > 0);
    assert.ok(spreadOf([{ events: 3, expected: 0 }]) > 0);
  });
});

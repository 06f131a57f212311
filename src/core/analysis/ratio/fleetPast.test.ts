import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FleetPast } from './fleetPast.ts';

const fleet = (count: number, events: (target: number, window: number) => number, windows: number, longest = 500) => {
  const past = new FleetPast(longest);
  for (let window = 0; window < windows; window++)
    past.add(
      Array.from({ length: count }, (_, target) => ({
        target: `t${target}`,
        events: events(target, window),
        exposure: 1,
      })),
    );
  return past;
};

describe('the past of a fleet', () => {
  it('knows each target by its own level, and one that is new as one of all', () => {
    const past = fleet(10, (target) => (target === 0 ? 300 : 100), 200);
    assert.ok(Math.abs(past.levelOf('t0') - 2.5) < 0.05, String(past.levelOf('t0')));
    assert.ok(Math.abs(past.levelOf('t1') - 0.833) < 0.02);
    assert.equal(past.levelOf('new'), 1);
  });
  it('says its rate, and nothing before there was any exposure', () => {
    assert.equal(new FleetPast(10).rate, null);
    assert.equal(fleet(4, () => 3, 5).rate, 3);
  });
  it('forgets windows beyond the longest, and takes in targets that come later', () => {
    const past = fleet(2, (_, window) => (window < 100 ? 1000 * (window % 2) : 10), 300, 150);
    assert.equal(past.windows, 300);
    const calm = past.dispersion(16);
    assert.ok(calm.factor < 2, `what is long past counts no more: ${calm.factor}`);
    for (let window = 0; window < 150; window++)
      past.add([0, 1, 2, 3].map((target) => ({ target: `t${target}`, events: 10, exposure: 1 })));
    assert.equal(past.dispersion(16).factor, 1);
  });
  it('bounds what it keeps: two figures for each target, and groups for the rest', () => {
    const past = fleet(1000, () => 1, 60);
    assert.ok(past.dispersion(8).blocks <= 32 * 30);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TrafficMeter } from './trafficMeter.ts';

const MINUTE = 60_000;

/** A rate, a second, said every `everyMs` for `forMs`. */
function steady(meter: TrafficMeter, rate: number, from: number, forMs: number, everyMs = 1000): number {
  for (let now = from; now <= from + forMs; now += everyMs) meter.count('t', (rate * everyMs) / 1000, now);
  return from + forMs;
}
const near = (found: number | undefined, expected: number, within: number) =>
  assert.ok(found !== undefined && Math.abs(found - expected) <= within, `${found} is not ${expected}`);

describe('how fast a target counts', () => {
  it('is not known of one that was heard of once, or never', () => {
    const meter = new TrafficMeter();
    assert.equal(meter.rateOf('t'), undefined);
    meter.count('t', 1e9, 5);
    assert.equal(meter.rateOf('t'), undefined, 'nobody knows since when it had counted that');
  });

  it('is exact for a steady rate, however often and however long it was heard', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 1, max: 90_000 }), (rate, everyMs) => {
        const meter = new TrafficMeter();
        steady(meter, rate, 0, everyMs * 20, everyMs);
        near(meter.rateOf('t'), rate, 1e-6 * (rate + 1));
      }),
    );
  });

  it('follows the day: what was an hour ago hardly counts', () => {
    const meter = new TrafficMeter();
    const changed = steady(meter, 100, 0, 120 * MINUTE);
    steady(meter, 10, changed + 1000, 20 * MINUTE);
    near(meter.rateOf('t'), 55, 2);
    steady(meter, 10, changed + 20 * MINUTE + 1000, 100 * MINUTE);
    near(meter.rateOf('t'), 10, 2);
  });

  it('a silence with what was counted in it is part of the rate', () => {
    const meter = new TrafficMeter();
    const last = steady(meter, 50, 0, MINUTE);
    meter.count('t', 50 * 60 * 5, last + 5 * MINUTE);
    near(meter.rateOf('t'), 50, 0.001);
  });

  it('of a target that is away it is what it was, and of one that is gone it is forgotten', () => {
    const meter = new TrafficMeter();
    steady(meter, 7, 0, MINUTE);
    near(meter.rateOf('t'), 7, 0.001);
    meter.forget('t');
    assert.equal(meter.rateOf('t'), undefined);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Target } from '../../core/topology/target.ts';
import type { TargetReport } from '../ports/fleet.ts';
import { healthMetrics, wellBy } from './healthClock.ts';
import { HealthSampler } from './healthSampler.ts';

const TARGET: Target = { uid: 'a', name: 'shop-1', service: 'shop', role: 'web', labels: {} };
const METRICS = healthMetrics({ alive: { check: 'alive' }, requests: { counter: 'requests_total' } });
const MINUTE = 60_000;

const saying = (healthy: boolean): TargetReport => ({ slots: [], checks: [{ name: 'alive', healthy, detail: '' }] });

describe('how well targets have been', () => {
  it('is for what share of the time, however often it was said', () => {
    const sampler = new HealthSampler();
    const sample = (report: TargetReport, now: number) =>
      [...sampler.sample(METRICS, [[TARGET, report]], now)].map(([, { metric, figures, minutes }]) => [
        metric,
        figures,
        minutes,
      ]);
    assert.deepEqual(sample(saying(true), 0), [], 'nothing is known of the time before');
    for (let now = 1; now < 10; now++) sampler.hear('a', saying(now % 2 === 0), (now * MINUTE) / 40);
    sampler.hear('a', saying(true), MINUTE / 4);
    // Unwell for five of ten parts of a quarter of a minute, and well ever since.
    assert.deepEqual(sample(saying(true), MINUTE), [['alive', [0.875], 1]]);
    assert.deepEqual(sample(saying(true), 1.5 * MINUTE), [['alive', [1], 0.5]]);
  });

  it('is not known while it is away, nor when it says nothing of it', () => {
    const sampler = new HealthSampler();
    const sample = (now: number) =>
      [...sampler.sample(METRICS, [[TARGET, saying(false)]], now)].map(([, found]) => found);
    sample(0);
    sampler.hear('a', saying(true), 0);
    sampler.hear('a', null, MINUTE);
    sampler.hear('a', saying(false), 9 * MINUTE);
    assert.deepEqual(sample(10 * MINUTE), [{ metric: 'alive', figures: [0.5], minutes: 2 }]);
    sampler.hear('a', { slots: [], checks: [] }, 10 * MINUTE);
    assert.deepEqual(sample(20 * MINUTE), []);
  });

  it('is asked for once in each window', () => {
    const sampler = new HealthSampler();
    const due = [100, 900, 1000, 1999, 2000].map((now) => sampler.isDue('shop', 1000, now));
    assert.deepEqual(due, [true, false, true, false, true]);
    assert.equal(sampler.isDue('pay', 1000, 2001), true);
  });
});

describe('what a target says of its health', () => {
  const slots: TargetReport['slots'] = [];
  const checks = [{ name: 'alive', healthy: true, detail: '' }];
  const components = [
    { path: '', healthy: true },
    { path: 'pipelines/traces', healthy: false },
  ];
  // biome-ignore format: a table
  const SAID: readonly (readonly [metric: Parameters<typeof wellBy>[0], report: TargetReport, well: boolean | null, why: string])[] = [
    [{ check: 'alive' }, { slots, checks }, true, 'its check passes'],
    [{ check: 'alvie' }, { slots, checks }, null, 'it has no such check'],
    [{ health: '' }, { slots, checks }, true, 'our own agent, with nothing wrong'],
    [{ health: '' }, { slots, checks: [{ name: 'alive', healthy: false, detail: '' }] }, false, 'our own agent, whose check fails'],
    [{ health: 'pipelines' }, { slots, checks }, null, 'our own agent has no components'],
    [{ health: '' }, { slots, checks, components }, true, 'an agent that says so'],
    [{ health: 'pipelines/traces' }, { slots, checks, components }, false, 'a component in one'],
    [{ health: 'pipelines/logs' }, { slots, checks, components }, null, 'one that it does not have'],
    [{ health: '' }, { slots, checks, components: [] }, null, 'it does not speak of itself'],
  ];
  for (const [metric, report, well, why] of SAID) {
    it(`${JSON.stringify(metric)}: ${why}`, () => assert.equal(wellBy(metric, report), well));
  }
});

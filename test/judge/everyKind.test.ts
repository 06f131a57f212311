import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { CheckSpec } from '../../src/core/analysis/checkSpec.ts';
import type { MetricSpec } from '../../src/core/topology/metric.ts';
import { type Behaviour, coin, type Measured, MeasuredFleet } from '../support/measuredFleet.ts';

/*
 * Whole rollouts on the real engine and its real store, each judged by one kind of check: harm of its kind brings it back from the first
 * stage, and where there is none it goes through.
 */

const plain = { name: 'it', effect: 'guardrail' } as const;
const near = (mean: number, uid: string, second: number) => Math.floor(mean + coin(uid, second));
const LATENCIES = [10, 20, 50, 100, 200, 500, 1000];

type Kind = readonly [
  name: string,
  metrics: Readonly<Record<string, MetricSpec>>,
  check: CheckSpec,
  measured: (uid: string, second: number, harmed: boolean) => Measured,
  says: RegExp,
];

const KINDS: readonly Kind[] = [
  [
    'a share of failures',
    { requests: { counter: 'requests_total' }, failures: { counter: 'failures_total' } },
    { ...plain, kind: 'failureProportion', failures: 'failures', total: 'requests', margin: { absolute: 0.02 } },
    (uid, second, harmed) => ({ requests: [100], failures: [near(harmed ? 20 : 0.2, uid, second)] }),
    /on treated targets.*on untouched targets/,
  ],
  [
    'a rate of events',
    { faults: { counter: 'faults_total' } },
    { ...plain, kind: 'eventRate', events: 'faults', margin: { relative: 0.5 } },
    (uid, second, harmed) => ({ faults: [near(harmed ? 12 : 3, uid, second)] }),
    /a target and minute/,
  ],
  [
    'a mean',
    { latency: { gauge: 'latency_ms' } },
    { ...plain, kind: 'mean', metric: 'latency', worse: 'higher', margin: { relative: 0.2 } },
    (uid, second, harmed) => ({ latency: [(harmed ? 200 : 100) * (0.95 + 0.1 * coin(uid, second))] }),
    /on treated targets/,
  ],
  [
    'a quantile of a histogram',
    { latency: { histogram: 'latency_ms' } },
    { ...plain, kind: 'quantile', metric: 'latency', quantile: 0.9, margin: { relative: 0.5 } },
    (uid, second, harmed) => {
      const slow = near(harmed ? 40 : 2, uid, second);
      return { latency: { bounds: LATENCIES, counts: [10, 60, 20, 8, 0, slow, 0], sum: 3000 + 400 * slow } };
    },
    /p90/,
  ],
  [
    'health',
    { alive: { check: 'alive' } },
    { ...plain, kind: 'health', metric: 'alive', margin: { absolute: 0.2 } },
    (uid, second, harmed) => ({ alive: [coin(uid, second) < (harmed ? 0.8 : 0.01) ? 0 : 1] }),
    /looks found it sick/,
  ],
  [
    'an alert',
    { paged: { alert: { severity: 'page' }, source: 'alerts', target: 'instance' } },
    { ...plain, kind: 'health', metric: 'paged', margin: { absolute: 0.2 } },
    (_, __, harmed) => ({ paged: [harmed ? 1 : 0] }),
    /looks found it sick/,
  ],
  [
    'what should not stop',
    { orders: { counter: 'orders_total' } },
    { ...plain, kind: 'vanished', events: 'orders', atLeast: 0.5 },
    (uid, second, harmed) => ({ orders: [near(harmed ? 2 : 30, uid, second)] }),
    /what is usual/,
  ],
];

describe('a rollout judged by', () => {
  let fleet: MeasuredFleet | null = null;
  afterEach(async () => {
    await fleet?.close();
    fleet = null;
  });

  for (const [name, metrics, check, measured, says] of KINDS) {
    const behaves =
      (harmful: boolean): Behaviour =>
      ({ uid }, holdsChange, second) =>
        measured(uid, second, harmful && holdsChange);

    describe(name, () => {
      it('comes back from its first stage when it does harm, and the rest never sees it', async () => {
        fleet = await MeasuredFleet.open({ metrics, checks: [check] }, behaves(true));
        await fleet.pass(60);
        const started = await fleet.plane.start('token:t', 'next');
        assert.ok(started.ok, JSON.stringify(started));
        assert.ok(
          await fleet.until(() => fleet?.rollout?.phase === 'rolledBack'),
          fleet.plane.rolloutView('shop')?.says ?? '',
        );
        const { rollback } = fleet.rollout ?? assert.fail();
        assert.equal(rollback?.code, 'guardrail-failed');
        assert.match(rollback?.says ?? '', says);
        assert.ok(!fleet.targets.some((target) => fleet?.holdsChange(target)));
        assert.deepEqual(
          fleet.rollout?.openings.map((opening) => opening.stage),
          ['canary'],
        );
      });

      it('goes through when it does none', async () => {
        fleet = await MeasuredFleet.open({ metrics, checks: [check] }, behaves(false));
        await fleet.pass(60);
        assert.ok((await fleet.plane.start('token:t', 'next')).ok);
        const completed = await fleet.until(() => fleet?.rollout?.phase === 'completed');
        assert.ok(
          completed,
          `${fleet.plane.rolloutView('shop')?.says} ${JSON.stringify(fleet.plane.rolloutView('shop')?.verdicts)}`,
        );
      });

      it('only holds when the check is a signal', async () => {
        const signal = { ...check, effect: 'signal' } as const;
        fleet = await MeasuredFleet.open({ metrics, checks: [signal] }, behaves(true));
        await fleet.pass(60);
        assert.ok((await fleet.plane.start('token:t', 'next')).ok);
        const held = () => fleet?.rollout?.holds.includes('signal-failed') === true;
        assert.ok(await fleet.until(held), fleet.plane.rolloutView('shop')?.says ?? '');
        await fleet.pass(30);
        assert.deepEqual([fleet.rollout?.stage, fleet.rollout?.rollback], [0, null]);
        assert.match(fleet.plane.rolloutView('shop')?.says ?? '', says);
      });
    });
  }
});

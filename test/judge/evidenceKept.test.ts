import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { CheckSpec } from '../../src/core/analysis/checkSpec.ts';
import { type Behaviour, coin, MeasuredFleet } from '../support/measuredFleet.ts';

const METRICS = { requests: { counter: 'requests_total' }, failures: { counter: 'failures_total' } };
const ERRORS: CheckSpec = {
  name: 'errors',
  effect: 'guardrail',
  kind: 'failureProportion',
  failures: 'failures',
  total: 'requests',
  margin: { absolute: 0.02 },
};
const shop =
  (harm: (target: string, second: number) => number): Behaviour =>
  ({ uid, name }, holdsChange, second) => ({
    requests: [50],
    failures: [Math.floor((holdsChange ? harm(name, second) : 0.1) + coin(uid, second))],
  });
const HARMLESS = shop(() => 0.1);

describe('what the judge knows', () => {
  let fleet: MeasuredFleet;
  afterEach(() => fleet.close());
  const verdict = () => fleet.plane.rolloutView('shop')?.verdicts[0] ?? assert.fail('no verdict');
  const restart = async () => {
    // What is measured is stored once a second.
    await fleet.kill();
    await fleet.start();
  };

  it('evidence outlives a control plane that is killed: it goes on where it was, and counts nothing twice', async () => {
    fleet = await MeasuredFleet.open({ metrics: METRICS, checks: [ERRORS] }, HARMLESS);
    await fleet.pass(30);
    assert.ok((await fleet.plane.start('token:t', 'next')).ok);
    assert.ok(await fleet.until(() => fleet.rollout?.phase === 'baking'));
    await fleet.pass(4);
    const before = verdict();
    const seriesBefore = (await fleet.plane.judged('shop-1'))?.series[0]?.points ?? [];
    assert.ok(before.treated.exposure > 0 && before.evidence.noHarm > 0, JSON.stringify(before));
    await restart();
    const after = verdict();
    // The last window may not have been stored; nothing is made up.
    assert.ok(after.treated.exposure <= before.treated.exposure, 'never more than there was');
    assert.ok(
      after.treated.exposure >= before.treated.exposure - 3 * 100,
      `${after.treated.exposure} is nearly all of it`,
    );
    const seriesAfter = (await fleet.plane.judged('shop-1'))?.series[0]?.points ?? [];
    assert.deepEqual(seriesAfter, seriesBefore.slice(0, seriesAfter.length));
    assert.ok(seriesAfter.length >= seriesBefore.length - 2);
    const { noHarm } = verdict().evidence;
    await fleet.pass(3);
    assert.ok(verdict().evidence.noHarm > noHarm, 'it goes on from there');
    assert.ok(await fleet.until(() => fleet.rollout?.phase === 'completed'), JSON.stringify(verdict()));
  });

  it('the past outlives a restart: what is usual is known when the next rollout begins', async () => {
    fleet = await MeasuredFleet.open({ metrics: METRICS, checks: [ERRORS] }, HARMLESS);
    await fleet.pass(120);
    await fleet.plane.close();
    await restart();
    assert.ok((await fleet.plane.plan('next')).ok);
    await fleet.pass(2);
    const started = await fleet.plane.start('token:t', 'next');
    assert.ok(started.ok, JSON.stringify(started));
    assert.ok(await fleet.until(() => fleet.rollout?.phase === 'baking'));
    await fleet.pass(2);
    assert.ok(verdict().noise.blocks > 0, `noise from ${verdict().noise.blocks} blocks of the past`);
  });

  it('evidence of harm from before a restart and after it adds up to a rollback', async () => {
    fleet = await MeasuredFleet.open(
      { metrics: METRICS, checks: [ERRORS] },
      shop(() => 2.5),
    );
    await fleet.pass(60);
    assert.ok((await fleet.plane.start('token:t', 'next')).ok);
    assert.ok(await fleet.until(() => verdict().evidence.harm > 1 || fleet.rollout?.rollback !== null));
    assert.equal(fleet.rollout?.rollback, null, 'not yet: it is not much harm');
    const { harm } = verdict().evidence;
    await fleet.pass(1);
    await restart();
    assert.ok(verdict().evidence.harm >= harm - 0.5, `${verdict().evidence.harm} of ${harm} nats are kept`);
    assert.ok(await fleet.until(() => fleet.rollout?.phase === 'rolledBack'), JSON.stringify(verdict()));
  });
});

describe('what is not evidence', () => {
  let fleet: MeasuredFleet;
  afterEach(() => fleet.close());
  const verdict = () => fleet.plane.rolloutView('shop')?.verdicts[0] ?? assert.fail('no verdict');
  const says = () => fleet.plane.rolloutView('shop')?.says ?? '';
  const started = async (behaves: Behaviour, canaries = 3) => {
    fleet = await MeasuredFleet.open({ metrics: METRICS, checks: [ERRORS], canaries }, behaves);
    await fleet.pass(60);
    const outcome = await fleet.plane.start('token:t', 'next');
    assert.ok(outcome.ok, JSON.stringify(outcome));
  };

  it('a source that is down is a fault that holds, never a pass; and it goes on when it is back', async () => {
    await started(HARMLESS);
    assert.ok(await fleet.until(() => fleet.rollout?.phase === 'baking'));
    const down = { code: 'source-down', says: 'nothing answers at http://prometheus:9090' } as const;
    fleet.plane.figures.fault('shop', 'failures', down);
    await fleet.pass(20);
    assert.deepEqual([verdict().outcome, verdict().cause], ['error', 'source-down']);
    assert.deepEqual(fleet.rollout?.holds, ['check-error']);
    assert.match(says(), /errors: .*nothing answers at http:\/\/prometheus:9090/);
    await fleet.pass(20);
    assert.equal(fleet.rollout?.evidence.length, 0, 'nothing has passed');
    fleet.plane.figures.fault('shop', 'failures', null);
    assert.ok(await fleet.until(() => fleet.rollout?.phase === 'completed'), says());
  });

  it('law 16: a source that is down when it should start is refused', async () => {
    fleet = await MeasuredFleet.open({ metrics: METRICS, checks: [ERRORS] }, HARMLESS);
    await fleet.pass(10);
    fleet.plane.figures.fault('shop', 'failures', { code: 'source-down', says: 'nothing answers there' });
    const outcome = await fleet.plane.start('token:t', 'next');
    assert.ok(!outcome.ok);
    assert.deepEqual(
      outcome.error.map(({ code }) => code),
      ['metric-without-data'],
    );
    assert.match(outcome.error[0]?.says ?? '', /nothing answers there/);
  });

  it('law 16: a check of a kind that can make nothing of its metric is refused', async () => {
    const check: CheckSpec = {
      name: 'slow',
      effect: 'guardrail',
      kind: 'quantile',
      metric: 'requests',
      quantile: 0.99,
      margin: {},
    };
    fleet = await MeasuredFleet.open({ metrics: METRICS, checks: [check] }, HARMLESS);
    await fleet.pass(3);
    const plan = fleet.plane.plan('next');
    assert.ok(plan.ok);
    assert.deepEqual(
      plan.value.refusals.map(({ code }) => code),
      ['metric-unfit'],
    );
  });

  it('what goes silent on treated targets is no data, and no pass', async () => {
    let broken = false;
    await started((target, holdsChange, second) =>
      broken && holdsChange ? null : HARMLESS(target, holdsChange, second),
    );
    assert.ok(await fleet.until(() => fleet.rollout?.phase === 'baking'));
    await fleet.pass(2);
    broken = true;
    await fleet.pass(30);
    assert.deepEqual([verdict().outcome, verdict().cause], ['no-data', 'dead-metric'], verdict().says);
    assert.equal(fleet.rollout?.evidence.length, 0, 'nothing has passed');
  });

  it('what goes silent everywhere is no pass either, however much was proven before', async () => {
    let broken = false;
    await started((target, holdsChange, second) => (broken ? null : HARMLESS(target, holdsChange, second)));
    assert.ok(await fleet.until(() => fleet.rollout?.phase === 'baking'));
    await fleet.pass(3);
    broken = true;
    await fleet.pass(60);
    assert.notEqual(verdict().outcome, 'pass', JSON.stringify(verdict()));
    assert.equal(fleet.rollout?.evidence.length, 0, 'nothing has passed');
  });

  it('one bad target among many treated ones is named', async () => {
    await started(
      shop((name) => (name === 'shop-3' ? 20 : 0.1)),
      8,
    );
    const named = () =>
      verdict().outliers.includes('shop-3') || fleet.rollout?.rollback?.verdicts[0]?.outliers.includes('shop-3');
    assert.ok(await fleet.until(() => named() === true), JSON.stringify(verdict()));
    const outliers = fleet.rollout?.rollback?.verdicts[0]?.outliers ?? verdict().outliers;
    assert.deepEqual(outliers, ['shop-3']);
  });

  it('what runs now is sick already: nothing is started on it', async () => {
    let ill = false;
    fleet = await MeasuredFleet.open({ metrics: METRICS, checks: [ERRORS] }, ({ uid }, _, second) => ({
      requests: [50],
      failures: [Math.floor((ill ? 20 : 1) + coin(uid, second))],
    }));
    await fleet.pass(150);
    assert.deepEqual(
      fleet.plane.plan('next').ok && (fleet.plane.plan('next') as { value: { refusals: unknown } }).value.refusals,
      [],
    );
    ill = true;
    await fleet.pass(15);
    const outcome = await fleet.plane.start('token:t', 'next');
    assert.ok(!outcome.ok, 'it is refused');
    assert.deepEqual(
      outcome.error.map(({ code }) => code),
      ['sick-baseline'],
    );
    assert.match(outcome.error[0]?.says ?? '', /check "errors" .* role "web"/);
  });
});

it('a service that needs the changed one is judged before against after, and harm there comes back here', async () => {
  const metrics = { orders: { counter: 'orders_total' }, lost: { counter: 'orders_lost_total' } };
  const check: CheckSpec = { ...ERRORS, name: 'orders', of: 'checkout', failures: 'lost', total: 'orders' };
  const fleet = await MeasuredFleet.open(
    { metrics: METRICS, checks: [check], dependent: { name: 'checkout', metrics } },
    (target, holdsChange, second) => {
      if (target.service === 'shop') return HARMLESS(target, holdsChange, second);
      const isHit = fleet.targets.some((one) => fleet.holdsChange(one));
      return { orders: [50], lost: [Math.floor((isHit ? 10 : 0.1) + coin(target.uid, second))] };
    },
  );
  try {
    await fleet.pass(90);
    const outcome = await fleet.plane.start('token:t', 'next');
    assert.ok(outcome.ok, JSON.stringify(outcome));
    const back = await fleet.until(() => fleet.rollout?.phase === 'rolledBack');
    assert.ok(back, JSON.stringify(fleet.plane.rolloutView('shop')?.verdicts));
    const [verdict] = fleet.rollout?.rollback?.verdicts ?? [];
    assert.deepEqual([verdict?.role, verdict?.compared], ['checkout/web', 'before']);
    assert.match(verdict?.says ?? '', /the hour cannot be told from the change/);
  } finally {
    await fleet.close();
  }
});

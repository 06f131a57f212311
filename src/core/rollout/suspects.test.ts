import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { blame, HORIZON_MS } from '../analysis/blame.ts';
import type { Pipeline } from '../policy/pipeline.ts';
import type { DomainEvent } from '../record/event.ts';
import { EMPTY_WORLD, evolveWorld } from '../record/evolveWorld.ts';
import type { World } from '../record/world.ts';
import type { Service } from '../topology/service.ts';
import type { Target } from '../topology/target.ts';
import { CHANGE, digestOf, pipeline, rolloutOf, stage, TARGETS } from './fixtures.ts';
import { planStages } from './planStages.ts';
import { addReached, type ReachedPart, reachedAt } from './reached.ts';
import { suspectsOf, toFault } from './suspects.ts';

const MINUTE = 60_000;

describe('when a target was reached', () => {
  const open = (parts: readonly ReachedPart[]) => ({ ...rolloutOf(), reached: parts });

  it('is when the first part that has its place was opened, for targets of the change in that stage', () => {
    const [canary, other] = TARGETS;
    assert.ok(canary !== undefined && other !== undefined);
    const rollout = open([
      { stage: 0, below: 1, at: 100 },
      { stage: 1, below: 1, at: 900 },
    ]);
    assert.equal(reachedAt(rollout, canary), 100);
    assert.equal(reachedAt(rollout, { ...canary, labels: { ring: 'pilot' } }), 900);
    assert.equal(reachedAt(rollout, { ...canary, labels: { ring: 'broad' } }), null);
    assert.equal(reachedAt(rollout, { ...canary, service: 'pay' }), null);
    assert.equal(reachedAt(rollout, { ...canary, role: 'db' }), null);
  });

  it('does not move when a rehearsal goes over it again, and is kept through a rollback', () => {
    const once = addReached([], { stage: 0, below: 1, at: 100 });
    assert.deepEqual(addReached(once, { stage: 0, below: 1, at: 90_000 }), once);
  });

  it('however finely a stage is opened, the first is told from the last, and few parts are kept', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 1500 }), (pauses) => {
        let [parts, at]: [readonly ReachedPart[], number] = [[], 0];
        for (const [index, pause] of pauses.entries()) {
          at += pause;
          parts = addReached(parts, { stage: 0, below: (index + 1) / pauses.length, at });
        }
        assert.ok(parts.length <= 500);
        assert.equal(parts[0]?.at, pauses[0]);
        assert.equal(parts.at(-1)?.below, 1);
        for (const [index, part] of parts.entries()) {
          const before = parts[index - 1];
          if (before !== undefined) assert.ok(before.at < part.at && before.below < part.below);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('law 13: who may have caused a fault', () => {
  const service = (name: string, ...dependsOn: readonly string[]): Service => ({
    name,
    roles: ['api', 'web'],
    slots: { 'config/shop': { roles: ['api', 'web'], schema: null, maxBytes: 1024 } },
    metrics: {},
    dependsOn,
  });
  const target = (of: string, number: number, labels: Target['labels'] = {}): Target => ({
    uid: `${of}-${number}`,
    name: `${of}-${number}`,
    service: of,
    role: number % 2 === 0 ? 'api' : 'web',
    labels: { ring: number < 2 ? 'canary' : 'broad', ...labels },
  });
  const through = (of: string): Pipeline => ({
    ...pipeline({ stages: [stage('canary'), stage('broad')] }),
    service: of,
  });

  /** checkout needs shop, shop needs pay; mail stands alone. Each has four targets, two of them canaries, a pair in each zone. */
  const SERVICES = [service('checkout', 'shop'), service('shop', 'pay'), service('pay'), service('mail')];
  const FLEET = SERVICES.flatMap(({ name }) =>
    [0, 1, 2, 3].map((number) => target(name, number, { zone: number % 2 === 0 ? 'a' : 'b', region: 'eu' })),
  );

  /** What happened, minute by minute from 0. */
  function world(...events: readonly (readonly [minute: number, event: DomainEvent])[]): World {
    const setting: DomainEvent[] = [
      ...SERVICES.map((each): DomainEvent => ({ type: 'ServiceApplied', data: { service: each } })),
      ...FLEET.map((each): DomainEvent => ({ type: 'TargetEnrolled', data: { target: each } })),
    ];
    const all = [...setting.map((event) => [0, event] as const), ...events];
    return evolveWorld(
      EMPTY_WORLD,
      all.map(([minute, event], index) => ({ ...event, position: index + 1, at: minute * MINUTE, actor: 'engine' })),
    );
  }
  const started = (of: string, roles = ['api', 'web']): DomainEvent => ({
    type: 'RolloutStarted',
    data: {
      id: `${of}-1`,
      change: { ...CHANGE, digest: digestOf(of.slice(0, 1)), service: of, roles },
      pipeline: through(of),
      slotRoles: { 'config/shop': roles },
      plan: planStages(
        through(of),
        `${of}-1`,
        FLEET.filter((each) => each.service === of),
      ),
    },
  });
  const opened = (of: string, wave: number): DomainEvent => ({
    type: 'WaveOpened',
    data: { id: `${of}-1`, stage: wave, wave: 0, below: 1, absent: [] },
  });
  const faulty = (name: string, minute: number) => {
    const found = FLEET.find((each) => each.name === name);
    assert.ok(found);
    return { target: found, at: minute * MINUTE, stays: false };
  };
  const touches = (of: World, minute: number, ...names: readonly string[]) =>
    suspectsOf(
      of,
      names.map((name) => faulty(name, minute)),
      minute * MINUTE,
    ).map(({ rollout, touched, share }) => [
      rollout,
      share,
      ...[...touched].map(
        ([name, { at, through }]) => `${name} ${through} ${at.map((each) => each / MINUTE).join(',')}`,
      ),
    ]);

  const both = world(
    [10, started('pay')],
    [10, opened('pay', 0)],
    [20, opened('pay', 1)],
    [30, started('shop')],
    [30, opened('shop', 0)],
  );

  it('the target itself, what it needs through any number of services, what needs it directly, and nobody else', () => {
    assert.deepEqual(touches(both, 40, 'shop-0'), [
      ['pay-1', 1, 'shop-0 needs 10,20'],
      ['shop-1', 0.5, 'shop-0 itself 30'],
    ]);
    assert.deepEqual(touches(both, 40, 'shop-2'), [
      ['pay-1', 1, 'shop-2 needs 10,20'],
      ['shop-1', 0.5],
    ]);
    assert.deepEqual(touches(both, 40, 'checkout-3'), [
      ['pay-1', 1, 'checkout-3 needs 10,20'],
      ['shop-1', 0.5, 'checkout-3 needs 30'],
    ]);
    assert.deepEqual(touches(both, 40, 'pay-3'), [
      ['pay-1', 1, 'pay-3 itself 20'],
      ['shop-1', 0.5, 'pay-3 neededBy 30'],
    ]);
    assert.deepEqual(touches(both, 40, 'mail-0'), []);
  });

  it('by what is near: the zone, where the other service is in it', () => {
    const canary = { ...through('pay'), stages: [{ ...stage('canary'), targets: { zone: ['a'] } }, stage('broad')] };
    const start = started('pay');
    assert.ok(start.type === 'RolloutStarted');
    const zoned = world([10, { ...start, data: { ...start.data, pipeline: canary } }], [10, opened('pay', 0)]);
    assert.deepEqual(touches(zoned, 20, 'shop-0', 'shop-1'), [['pay-1', 0.5, 'shop-0 needs 10']]);
  });

  it('another role of the same service is what it needs', () => {
    const api = world([10, started('shop', ['api'])], [10, opened('shop', 0)], [12, opened('shop', 1)]);
    assert.deepEqual(touches(api, 20, 'shop-0', 'shop-1'), [['shop-1', 0.5, 'shop-0 itself 10']]);
    const oneZone = FLEET.map((each) => ({ ...each, labels: { ring: each.labels.ring ?? '' } }));
    const bare = evolveWorld(
      api,
      oneZone.map((each, index) => ({
        type: 'TargetEnrolled',
        data: { target: each },
        position: 100 + index,
        at: 0,
        actor: 'engine',
      })),
    );
    assert.deepEqual(
      suspectsOf(
        bare,
        [{ target: oneZone.find(({ name }) => name === 'shop-1') as Target, at: 20 * MINUTE, stays: false }],
        20 * MINUTE,
      ).map(({ touched }) => [...touched.values()]),
      [[{ at: [10 * MINUTE, 12 * MINUTE], through: 'needs' }]],
    );
  });

  it('one that was rolled back is a suspect until it was gone, one that completed stays one, neither for more than a day', () => {
    const ended = (event: DomainEvent) => world([10, started('pay')], [10, opened('pay', 0)], [30, event]);
    const back = ended({ type: 'RolledBack', data: { id: 'pay-1' } });
    assert.equal(suspectsOf(back, [faulty('shop-0', 20)], 40 * MINUTE)[0]?.backAt, 30 * MINUTE);
    const [kept] = suspectsOf(
      ended({ type: 'RolloutCompleted', data: { id: 'pay-1' } }),
      [faulty('shop-0', 20)],
      40 * MINUTE,
    );
    assert.ok(kept !== undefined && kept.backAt === null && kept.completed);
    const [stopped] = suspectsOf(
      ended({ type: 'RolledBack', data: { id: 'pay-1', kept: 2 } }),
      [faulty('shop-0', 20)],
      40 * MINUTE,
    );
    assert.deepEqual([stopped?.backAt, stopped?.completed], [null, true], 'what cannot be undone is still there');
    assert.deepEqual(suspectsOf(back, [faulty('shop-0', 20)], 31 * MINUTE + HORIZON_MS), []);
  });

  it('and blame says it: harm on untouched targets of the one that needs the other', () => {
    const wrong = [faulty('shop-1', 31), faulty('shop-2', 31), faulty('shop-3', 31), faulty('checkout-0', 31)];
    const near = world([10, started('shop')], [10, opened('shop', 0)], [30, started('pay')], [30, opened('pay', 0)]);
    const found = blame(wrong.map(toFault), suspectsOf(near, wrong, 32 * MINUTE), 32 * MINUTE);
    assert.deepEqual(
      found.ranked.map(({ rollout, outcome }) => `${rollout} ${outcome}`),
      ['pay-1 blamed', 'shop-1 cleared'],
    );
    assert.match(
      found.says,
      /of 4 unhealthy targets: pay-1 \(4 turned unhealthy 1m after it reached what they need\) fits/,
    );
  });
});

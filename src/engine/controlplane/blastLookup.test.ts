import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RecordedEvent } from '../../core/record/event.ts';
import { EMPTY_WORLD, evolveWorld } from '../../core/record/evolveWorld.ts';
import type { World } from '../../core/record/world.ts';
import { CHANGE, pipeline } from '../../core/rollout/fixtures.ts';
import { planStages } from '../../core/rollout/planStages.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import type { Target } from '../../core/topology/target.ts';
import { BlastLookup } from './blastLookup.ts';

const SHOP = { name: 'shop', roles: ['api', 'web'], slots: {}, metrics: {}, dependsOn: [], traffic: { metric: 'r' } };
const fleet = (size: number): Target[] =>
  Array.from({ length: size }, (_, index) => ({
    uid: index.toString(16).padStart(32, '0'),
    name: `shop-${index}`,
    service: 'shop',
    role: index % 2 === 0 ? 'api' : 'web',
    labels: { ring: index % 10 === 0 ? 'canary' : index % 10 < 4 ? 'pilot' : 'broad' },
  }));

type Data = {
  [T in RecordedEvent['type']]: { type: T; data: Extract<RecordedEvent, { type: T }>['data'] };
}[RecordedEvent['type']];
function after(world: World, events: readonly Data[]): World {
  const recorded = events.map((event, index) => ({
    ...event,
    position: world.position + 1 + index,
    at: 0,
    actor: 'engine',
  }));
  return evolveWorld(world, recorded as RecordedEvent[]);
}
function started(size: number): World {
  const targets = fleet(size);
  return after(EMPTY_WORLD, [
    { type: 'ServiceApplied', data: { service: SHOP } },
    ...targets.map((target): Data => ({ type: 'TargetEnrolled', data: { target } })),
    {
      type: 'RolloutStarted',
      data: {
        id: 'shop-1',
        change: CHANGE,
        pipeline: pipeline(),
        slotRoles: {},
        plan: planStages(pipeline(), 'shop-1', targets),
      },
    },
    opened(0, 0),
  ]);
}
const opened = (stage: number, wave: number): Data => {
  return { type: 'WaveOpened', data: { id: 'shop-1', stage, wave, below: 1, absent: [] } };
};
function rolloutOf(world: World): Rollout {
  return world.rollouts.get('shop-1') ?? assert.fail('it was started');
}
const known = () => 5;

describe('who is exposed, worked out while somebody looks', () => {
  it('is kept for a few seconds, unless the rollout moves', () => {
    let rate = 5;
    const blasts = new BlastLookup((uid) => (uid.endsWith('0') ? rate : 5));
    const world = started(100);
    const first = blasts.of(world, rolloutOf(world), 0);
    assert.deepEqual([first.now.targets, first.now.share, first.promoted?.reach.targets], [10, 0.1, 40]);
    rate = 500;
    assert.equal(blasts.of(world, rolloutOf(world), 9_999).now.traffic, first.now.traffic);
    assert.ok((blasts.of(world, rolloutOf(world), 10_000).now.traffic ?? 0) > (first.now.traffic ?? 1));
    const moved = after(world, [opened(1, 1)]);
    assert.equal(blasts.of(moved, rolloutOf(moved), 10_001).now.targets, 40);
  });

  it('a large fleet is counted over several looks, and is as planned until the first count has ended', () => {
    const blasts = new BlastLookup(known);
    const world = started(50_000);
    const looks = [0, 1, 2, 3].map((now) => blasts.of(world, rolloutOf(world), now));
    assert.deepEqual(
      looks.map(({ now }) => [now.targets, now.traffic === null]),
      [
        [5_000, true],
        [5_000, true],
        [5_000, false],
        [5_000, false],
      ],
    );
    assert.deepEqual(looks[0]?.promoted?.reach, { targets: 20_000, share: 0.4, traffic: null });
    assert.equal(looks[3]?.promoted?.reach.targets, 20_000);
    // A count under way ends although the rollout moves on: the next one is of what it has come to.
    const moved = after(world, [opened(1, 1)]);
    const later = [20_000, 20_001, 20_002].map((now) => blasts.of(moved, rolloutOf(moved), now));
    assert.equal(later.at(-1)?.now.targets, 20_000);
  });

  it('of one that is over it says how it ended', () => {
    const blasts = new BlastLookup(known);
    const world = after(started(100), [{ type: 'RolledBack', data: { id: 'shop-1' } }]);
    assert.equal(blasts.of(world, rolloutOf(world), 0).now.targets, 0);
    const { now, promoted } = blasts.of(world, rolloutOf(world), 60_000);
    assert.deepEqual([now.targets, promoted], [0, null]);
  });
});

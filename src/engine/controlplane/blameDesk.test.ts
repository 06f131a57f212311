import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_WORLD, evolveWorld } from '../../core/record/evolveWorld.ts';
import { pipeline, rolloutOf, tally } from '../../core/rollout/fixtures.ts';
import type { Service } from '../../core/topology/service.ts';
import type { Clock } from '../ports/clock.ts';
import { BlameDesk } from './blameDesk.ts';
import { FaultBook } from './faultBook.ts';

const service = (name: string, ...dependsOn: readonly string[]): Service => ({
  name,
  roles: ['web'],
  slots: {},
  metrics: {},
  dependsOn,
});
const SERVICES = [
  service('checkout', 'shop'),
  service('shop', 'pay'),
  service('pay', 'db'),
  service('db'),
  service('mail'),
];
const WORLD = evolveWorld(
  EMPTY_WORLD,
  SERVICES.flatMap((each) => [
    { type: 'ServiceApplied' as const, data: { service: each } },
    {
      type: 'TargetEnrolled' as const,
      data: { target: { uid: each.name, name: `${each.name}-1`, service: each.name, role: 'web', labels: {} } },
    },
  ]).map((event, index) => ({ ...event, position: index + 1, at: 0, actor: 'engine' })),
);
const unwell = { slots: [], checks: [{ name: 'alive', healthy: false, detail: '' }] };

/** A desk whose clock stands where it is put. */
function desk() {
  const faults = new FaultBook();
  const time = { now: 0 };
  const clock: Clock = { now: () => time.now, monotonic: () => time.now, after: () => () => {} };
  return { faults, time, desk: new BlameDesk(faults, () => WORLD, clock) };
}

test('a rollout is told of its service, of all that need it and of what it needs itself', () => {
  const { faults, desk: asked } = desk();
  for (const { name } of SERVICES) faults.reported(name, unwell, false, 0);
  assert.equal(asked.look().faults, 5);
  assert.equal(asked.look('shop').faults, 3, 'checkout, shop, pay');
  assert.equal(asked.look('db').faults, 4, 'checkout needs it through others');
  assert.equal(asked.look('mail').faults, 1);
});

test('it is told nothing where nothing is wrong, or where its pipeline does not ask and its own targets are well', () => {
  const { faults, desk: asked } = desk();
  const apart = rolloutOf(pipeline({ neighbours: 'tellApart' }));
  assert.equal(asked.around(apart, tally({ failed: 1 })), undefined);
  faults.reported('shop', unwell, false, 0);
  assert.equal(asked.around(apart, tally())?.faults, 1);
  assert.equal(asked.around(rolloutOf(), tally()), undefined);
  assert.equal(
    asked.around(rolloutOf(), tally({ failed: 1 }))?.faults,
    1,
    'law 17: the hold of all red has something to say',
  );
});

test('what was found stands for half a second', () => {
  const { faults, time, desk: asked } = desk();
  assert.equal(asked.look('shop').faults, 0);
  faults.reported('shop', unwell, false, 0);
  time.now = 499;
  assert.equal(asked.look('shop').faults, 0);
  time.now = 500;
  assert.equal(asked.look('shop').faults, 1);
});

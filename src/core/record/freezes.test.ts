import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Freeze, FreezeWindow } from '../policy/freeze.ts';
import { planRollout } from '../policy/planRollout.ts';
import { CHANGE, pipeline, TARGETS } from '../rollout/fixtures.ts';
import type { Service } from '../topology/service.ts';
import { type Command, decideCommand } from './decideCommand.ts';
import type { RecordedEvent } from './event.ts';
import { EMPTY_WORLD, evolveWorld } from './evolveWorld.ts';

const SERVICE: Service = {
  name: 'shop',
  roles: ['api', 'web'],
  slots: { 'config/shop': { roles: ['api', 'web'], schema: null, maxBytes: 1_000 } },
  metrics: { requests: { counter: 'requests_total' }, failures: { counter: 'failures_total' } },
  dependsOn: [],
};
const CONDITIONS = { offline: new Set<string>(), metric: () => 'present' as const, exposedCounters: [], freezes: [] };

const freeze = (more: Partial<Freeze> = {}): Freeze => ({
  name: 'holidays',
  services: ['shop'],
  reason: 'nobody is at work',
  timeZone: 'UTC',
  starts: '2026-12-24T00:00:00',
  lasts: { duration: 'P9D' },
  rule: null,
  except: [],
  ...more,
});

const window = (starts: number, ends: number): FreezeWindow => ({
  freeze: 'holidays',
  reason: 'nobody is at work',
  starts,
  ends,
  local: { starts: `${starts} Zone`, ends: `${ends} Zone` },
});

/** Commands, one after the other, and the world that they make. */
function story() {
  let world = EMPTY_WORLD;
  const log: RecordedEvent[] = [];
  const give = (command: Command, now = 0): string[] => {
    const decision = decideCommand(world, command, now);
    if (!decision.ok) return decision.error.map(({ code, says }) => `${code}: ${says}`);
    const events = decision.value.map((event, index) => ({
      ...event,
      position: world.position + 1 + index,
      at: now,
      actor: 'token:t',
    }));
    log.push(...events);
    world = evolveWorld(world, events);
    return events.map(({ type }) => type);
  };
  const put = (...freezes: readonly Freeze[]) =>
    give({ type: 'apply', manifests: freezes.map((each) => ({ kind: 'Freeze', freeze: each })) });
  give({
    type: 'apply',
    manifests: [
      { kind: 'Service', service: SERVICE },
      { kind: 'Pipeline', pipeline: pipeline() },
      { kind: 'Change', change: CHANGE },
    ],
  });
  for (const target of TARGETS) give({ type: 'enrol', target });
  return { give, put, log, world: () => world };
}

describe('freezes on the record', () => {
  it('are put there, replaced and removed; the same again changes nothing', () => {
    const { give, put, world, log } = story();
    assert.deepEqual(put(freeze(), freeze({ name: 'fridays', services: [] })), ['FreezeApplied', 'FreezeApplied']);
    assert.deepEqual(put(freeze()), []);
    assert.deepEqual(put(freeze({ lasts: { duration: 'P2D' } })), ['FreezeApplied']);
    assert.deepEqual(
      [...world().freezes.values()].map((each) => [each.freeze.name, each.by]),
      [
        ['holidays', 'token:t'],
        ['fridays', 'token:t'],
      ],
    );
    assert.deepEqual(world().freezes.get('holidays')?.freeze.lasts, { duration: 'P2D' });
    assert.deepEqual(give({ type: 'removeFreeze', name: 'holidays' }), ['FreezeRemoved']);
    assert.deepEqual([...world().freezes.keys()], ['fridays']);
    assert.deepEqual(give({ type: 'removeFreeze', name: 'friday' }), ['unknown-freeze: there is no freeze "friday"']);
    assert.deepEqual(evolveWorld(EMPTY_WORLD, log), world(), 'law 19: the log replays to the same state');
  });

  it('law 16: a freeze of a service nobody registered would bind nobody, and is refused', () => {
    const { put, give } = story();
    assert.deepEqual(put(freeze({ services: ['shop', 'shopp'] })), [
      'unknown-service: freeze "holidays" names service "shopp", which is not registered',
    ]);
    const both: Command = {
      type: 'apply',
      manifests: [
        { kind: 'Service', service: { ...SERVICE, name: 'mail' } },
        { kind: 'Freeze', freeze: freeze({ services: ['mail'] }) },
      ],
    };
    assert.deepEqual(give(both), ['ServiceApplied', 'FreezeApplied']);
  });

  it('are two hundred at most; those that are there can still be replaced', () => {
    const { put, give } = story();
    const many = Array.from({ length: 201 }, (_, index) => freeze({ name: `f${index}` }));
    assert.deepEqual(put(...many), ['freeze-invalid: there would be 201 freezes, at most 200 allowed']);
    assert.equal(put(...many.slice(1)).length, 200);
    assert.deepEqual(put(freeze({ name: 'f0' })), ['freeze-invalid: there would be 201 freezes, at most 200 allowed']);
    assert.deepEqual(put(freeze({ name: 'f1', reason: 'another' })), ['FreezeApplied']);
    give({ type: 'removeFreeze', name: 'f1' });
    assert.deepEqual(put(freeze({ name: 'f0' })), ['FreezeApplied']);
  });

  it('law 14: a start is refused while a window binds, and in no other moment', () => {
    const start = (now: number) =>
      story().give(
        {
          type: 'start',
          change: CHANGE.digest,
          pipeline: 'shop',
          conditions: { ...CONDITIONS, freezes: [window(1_000, 2_000)] },
        },
        now,
      );
    const refused = ['frozen: frozen by "holidays" (nobody is at work) until 2000 Zone'];
    assert.deepEqual(start(999), ['RolloutStarted', 'WaveOpened']);
    assert.deepEqual(start(1_000), refused);
    assert.deepEqual(start(1_999), refused);
    assert.deepEqual(start(2_000), ['RolloutStarted', 'WaveOpened']);
  });

  it('a plan shows what binds now and what begins before it could be done, and refuses for the first alone', () => {
    const { world } = story();
    const minimum = pipeline().stages.reduce((sum, { bake }) => sum + bake.minimumMs, 0);
    const plan = (...freezes: readonly FreezeWindow[]) =>
      planRollout(world(), CHANGE, pipeline(), SERVICE, { ...CONDITIONS, freezes }, 5_000).plan;
    const [now, soon, late, over] = [
      window(4_000, 6_000),
      window(5_000 + minimum, 90_000),
      window(5_001 + minimum, 90_000),
      window(0, 5_000),
    ];
    assert.deepEqual(plan(over, now, soon, late).freezes, [now, soon]);
    assert.deepEqual(
      plan(now).refusals.map(({ code }) => code),
      ['frozen'],
    );
    assert.deepEqual(plan(soon).refusals, []);
  });
});

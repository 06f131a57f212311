import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { memoryVault } from '../src/adapters/signing/testing/memoryVault.ts';
import type { Digest } from '../src/core/kernel/digest.ts';
import { desiredRevision } from '../src/core/rollout/assignment.ts';
import { pipeline, stage } from '../src/core/rollout/fixtures.ts';
import type { Service } from '../src/core/topology/service.ts';
import type { Target } from '../src/core/topology/target.ts';
import type { Store } from '../src/engine/ports/store.ts';
import { ManualClock } from './support/manualClock.ts';
import { type OpenEngine, openEngine } from './support/openEngine.ts';

/*
 * Laws 11 and 12 through the whole engine: its real store, a clock that the test owns, and targets that take two beats for a move.
 * Real agents under a floor are in whole/capacity.test.ts.
 */

const BASELINE: Digest = `sha256:${'b'.repeat(64)}`;
const FLEET: readonly Target[] = [...Array(12).keys()].map((index) => ({
  uid: index.toString(16).padStart(32, '0'),
  name: `shop-${index}`,
  service: 'shop',
  role: 'api',
  labels: { zone: ['a', 'b', 'c'][index % 3] ?? '' },
}));
const SERVICE: Service = {
  name: 'shop',
  roles: ['api'],
  slots: { 'config/shop': { roles: ['api'], schema: null, maxBytes: 100 } },
  metrics: {},
  dependsOn: [],
};
const within = (count: number): Service => ({
  ...SERVICE,
  capacity: { domain: 'zone', unavailable: { count } },
});
const PACED = stage('all', {
  targets: {},
  bake: { minimumMs: 1_000, exposure: null, deadlineMs: 60_000 },
  concurrency: { start: { count: 2 }, most: { count: 6 } },
});

describe('a floor and a pace, through the whole engine', () => {
  const vault = memoryVault();
  let directory = '';
  let store: Store;
  let clock: ManualClock;
  let plane: OpenEngine['plane'];
  let held: Map<string, Digest>;
  let moving: Set<string>;
  /** The most of one zone that were in between at once. */
  let most = 0;

  async function open(): Promise<void> {
    ({ store, plane } = await openEngine(directory, clock, vault));
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ringfence-capacity-'));
    clock = new ManualClock();
    held = new Map(FLEET.map(({ uid }) => [uid, BASELINE]));
    moving = new Set();
    most = 0;
    await open();
    const slots = { 'config/shop': Buffer.from('{"limit":1}') };
    const applied = await plane.apply('token:t', [
      { kind: 'Service', service: within(1) },
      { kind: 'Pipeline', pipeline: pipeline({ name: 'shop', stages: [PACED], checks: [] }) },
      { kind: 'Change', change: { name: 'good', service: 'shop', roles: [], slots, reason: '' } },
    ]);
    assert.ok(applied.ok, JSON.stringify(applied));
    for (const target of FLEET) assert.ok((await plane.fleet.introduce(target)).ok);
    await beat();
  });
  afterEach(async () => {
    await plane.close();
    await store.close();
    await rm(directory, { recursive: true });
  });

  const rollout = () => plane.world().rollouts.get('shop-1') ?? assert.fail();

  const orderOf = ({ uid }: Target) => plane.fleet.assignmentsFor(uid)?.assignments[0];
  const wantedBy = (target: Target) => {
    const order = orderOf(target);
    return order === undefined ? BASELINE : (desiredRevision(order, target) ?? BASELINE);
  };

  /** Who is to hold something else begins, and has it at the next beat; everyone says how it is. */
  async function beat(who = FLEET): Promise<void> {
    for (const target of who) {
      const { uid } = target;
      const wanted = wantedBy(target);
      if (moving.delete(uid)) held.set(uid, wanted);
      else if (held.get(uid) !== wanted) moving.add(uid);
      const slot = {
        ...{ slot: 'config/shop', generation: orderOf(target)?.generation ?? 0, baseline: BASELINE, failed: null },
        ...{ current: held.get(uid) ?? null, failureCode: '', failure: '', verifiedBy: 'file' },
      };
      plane.fleet.report(uid, { slots: [{ ...slot, phase: moving.has(uid) ? 'applying' : 'settled' }], checks: [] });
    }
    const zones = Map.groupBy(moving, (uid) => FLEET.find((target) => target.uid === uid)?.labels.zone);
    most = Math.max(most, ...[...zones.values()].map((members) => members.length));
    await clock.advance(1_000);
  }

  async function until(what: string, isSo: () => boolean, who = FLEET): Promise<void> {
    for (let beats = 0; beats < 200; beats++) {
      if (isSo()) return;
      await beat(who);
    }
    assert.fail(`${what} did not come: ${plane.rolloutView('shop')?.says}`);
  }

  it('law 12: the border and the pace are on the record: a control plane that starts anew goes on from there', async () => {
    const plan = plane.plan('good');
    assert.ok(plan.ok);
    assert.deepEqual(plan.value.stages[0]?.steps?.concurrency, { start: 2, most: 6 });
    assert.ok((plan.value.stages[0]?.steps?.expected ?? 0) >= 4, 'four of each zone, one at a time');
    assert.ok((await plane.start('token:t', 'good')).ok);
    await until('a faster pace', () => (rollout().pace?.concurrency ?? 0) > 2);
    const { openings, pace, steps } = rollout();
    assert.ok((openings[0]?.below ?? 1) < 1, 'in the middle of the wave');
    await plane.close();
    await store.close();
    await open();
    assert.deepEqual([rollout().openings, rollout().pace, rollout().steps], [openings, pace, steps]);
    for (const target of FLEET) assert.ok((await plane.fleet.introduce(target)).ok);
    await until('the end', () => rollout().endedAt !== null);
    assert.equal(rollout().phase, 'completed');
    assert.equal(most, 1, 'never two of one zone');
    assert.ok(FLEET.every(({ uid }) => held.get(uid) !== BASELINE));
  });

  it('law 11: a start that has no room is refused, by plan and start alike, and goes when there is some', async () => {
    const away = FLEET.slice(0, 6);
    for (const { uid } of away) plane.fleet.lost(uid);
    const plan = plane.plan('good');
    assert.ok(plan.ok);
    assert.match(
      plan.value.refusals[0]?.says ?? '',
      /^no room in api in "[abc]": 2 of 4 unavailable \(shop-\d, shop-\d\), at most 1 may be$/,
    );
    const refused = await plane.start('token:t', 'good');
    assert.ok(!refused.ok);
    assert.deepEqual(
      refused.error.map(({ code }) => code),
      ['no-capacity'],
    );
    for (const target of away) assert.ok((await plane.fleet.introduce(target)).ok);
    await beat();
    assert.ok((await plane.start('token:t', 'good')).ok);
  });

  it('law 11: a floor that is changed while it holds a rollout counts from then on', async () => {
    assert.ok((await plane.start('token:t', 'good')).ok);
    await until('the first ones', () => [...held.values()].some((digest) => digest !== BASELINE));
    const gone = FLEET.filter((target) => wantedBy(target) === BASELINE).slice(0, 6);
    const left = FLEET.filter((target) => !gone.includes(target));
    for (const { uid } of gone) plane.fleet.lost(uid);
    await until('the hold', () => rollout().holds.includes('no-capacity'), left);
    assert.match(plane.rolloutView('shop-1')?.says ?? '', /no room in api in "[abc]": \d of 4 unavailable/);
    assert.ok((await plane.apply('token:t', [{ kind: 'Service', service: within(4) }])).ok);
    await until('the rest', () => !rollout().holds.includes('no-capacity'), left);
    await until('the end', () => rollout().endedAt !== null, left);
    assert.equal(rollout().phase, 'completed');
  });
});

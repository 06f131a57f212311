import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { memoryVault } from '../src/adapters/signing/testing/memoryVault.ts';
import type { Freeze } from '../src/core/policy/freeze.ts';
import type { ControlPlane, ManifestInput } from '../src/engine/ports/controlPlane.ts';
import type { Store } from '../src/engine/ports/store.ts';
import { parseManifestValue } from '../src/wire/manifest/parseManifestValue.ts';
import { connectShopFleet, type ShopFleet, shopManifests } from './http/shopFleet.ts';
import { ManualClock } from './support/manualClock.ts';
import { openEngine } from './support/openEngine.ts';

/*
 * Law 14 through the whole engine: its real store and calendar, a clock that the test owns, and targets that do as they are told.
 */

const NINE = Date.UTC(2026, 10, 20, 9);
const MINUTE = 60_000;
const CONTENT = '{"colour":"blue"}';
const FORWARD = ['RolloutStarted', 'WaveOpened', 'BakeStarted', 'StagePassed', 'RehearsalProved', 'RolloutCompleted'];

/** From 09:05 to 09:15 UTC, by a clock that is five and a half hours ahead. */
const LUNCH: Freeze = {
  name: 'lunch',
  services: ['shop'],
  reason: 'everybody eats',
  timeZone: 'Asia/Kolkata',
  starts: '2026-11-20T14:35:00',
  lasts: { duration: 'PT10M' },
  rule: null,
  except: [],
};
const NOW: Freeze = {
  ...LUNCH,
  name: 'now',
  starts: '2020-01-01T00:00:00',
  lasts: { duration: 'P1D' },
  rule: 'FREQ=DAILY',
};

describe('a freeze, through the whole engine', () => {
  let directory = '';
  let store: Store;
  let clock: ManualClock;
  let plane: ControlPlane & { close(): Promise<void> };
  let fleet: ShopFleet;
  const vault = memoryVault();

  async function open(): Promise<void> {
    ({ store, plane } = await openEngine(directory, clock, vault));
  }
  async function close(): Promise<void> {
    fleet.stop();
    await plane.close();
    await store.close();
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ringfence-frozen-'));
    clock = new ManualClock(NINE);
    await open();
    const applied = await plane.apply('token:t', manifests());
    assert.ok(applied.ok, JSON.stringify(applied));
    fleet = await connectShopFleet(plane);
  });
  afterEach(async () => {
    await close();
    await rm(directory, { recursive: true });
  });

  const rollout = () => plane.world().rollouts.get('shop-1');
  const put = async (freeze: Freeze) => plane.apply('token:t', [{ kind: 'Freeze', freeze }]);

  /** Lets time pass, a second at a time, until something is so. */
  async function until(what: string, probe: () => boolean): Promise<void> {
    for (let second = 0; second < 3_600; second++) {
      if (probe()) return;
      await clock.advance(1_000);
    }
    assert.fail(`${what} did not come: ${plane.rolloutView('shop')?.says}`);
  }

  /** Starts, and waits for lunch to hold it. */
  async function frozenAtLunch(): Promise<void> {
    assert.ok((await put(LUNCH)).ok);
    const plan = plane.plan('blue');
    assert.ok(plan.ok);
    assert.deepEqual(
      plan.value.freezes.map(({ freeze, local }) => [freeze, local.ends]),
      [['lunch', '2026-11-20 14:45 Asia/Kolkata']],
    );
    assert.ok((await plane.start('token:t', 'blue')).ok);
    await until('the freeze', () => rollout()?.holds.includes('frozen') === true);
    assert.match(
      plane.rolloutView('shop-1')?.says ?? '',
      /frozen by "lunch" \(everybody eats\) until 2026-11-20 14:45 Asia\/Kolkata/,
    );
  }

  it('law 14: a rollout under way holds when it begins, and goes on when it ends', async () => {
    await frozenAtLunch();
    assert.ok(clock.now() >= NINE + 5 * MINUTE && clock.now() <= NINE + 5 * MINUTE + 2_000);
    await until('the end', () => rollout()?.phase === 'completed');
    const log = await plane.log(0, 1_000);
    const within = log.filter(({ at }) => at >= NINE + 5 * MINUTE && at < NINE + 15 * MINUTE);
    assert.deepEqual(
      within.map(({ type }) => type).filter((type) => FORWARD.includes(type)),
      [],
    );
    const lifted = log.find(({ type, data }) => type === 'HoldLifted' && data.reason === 'frozen');
    assert.ok(lifted !== undefined && lifted.at >= NINE + 15 * MINUTE && lifted.at <= NINE + 15 * MINUTE + 2_000);
  });

  it('law 14, law 22: what does harm in a freeze comes back in it', async () => {
    await frozenAtLunch();
    fleet.failOn(CONTENT);
    await until('the rollback', () => rollout()?.phase === 'rolledBack');
    assert.equal(rollout()?.rollback?.code, 'guardrail-failed');
    assert.ok(clock.now() < NINE + 15 * MINUTE, 'it is still lunch');
  });

  it('law 14: a person rolls back in a freeze', async () => {
    await frozenAtLunch();
    await clock.advance(MINUTE);
    assert.ok((await plane.rollback('token:t', 'shop-1', 'enough')).ok);
    await until('the rollback', () => rollout()?.phase === 'rolledBack');
    assert.ok(clock.now() < NINE + 15 * MINUTE);
  });

  it('binds at once: a start that was sent before anybody heard of the freeze is refused', async () => {
    const [applied, started] = await Promise.all([put(NOW), plane.start('token:t', 'blue')]);
    assert.ok(applied.ok);
    assert.ok(!started.ok);
    assert.equal(started.error[0]?.code, 'frozen');
    const plan = plane.plan('blue');
    assert.ok(plan.ok);
    assert.deepEqual(plan.value.refusals, started.error, 'the plan says the same');
  });

  it('law 14: refuses a person who promotes, one who had not heard of it as well', async () => {
    const [, pipeline] = shopManifests();
    assert.ok((await plane.apply('token:t', [parse(pipeline, (given) => given)])).ok);
    assert.ok((await plane.start('token:t', 'blue')).ok);
    await until('the evidence', () => rollout()?.holds.includes('awaiting-promotion') === true);
    const [applied, first] = await Promise.all([put(NOW), plane.promote('token:t', 'shop-1')]);
    assert.ok(applied.ok);
    for (const promoted of [first, await plane.promote('token:t', 'shop-1')])
      assert.ok(!promoted.ok && promoted.error.code === 'frozen', JSON.stringify(promoted));
    assert.ok((await plane.removeFreeze('token:t', 'now')).ok);
    assert.ok((await plane.promote('token:t', 'shop-1')).ok);
    assert.equal(rollout()?.stage, 1);
  });

  it('removed or replaced, it no longer binds, at once', async () => {
    await put(NOW);
    assert.ok(!(await plane.start('token:t', 'blue')).ok);
    assert.ok((await put({ ...NOW, starts: '2030-01-01T00:00:00' })).ok);
    assert.ok((await plane.start('token:t', 'blue')).ok);
    assert.ok((await put(NOW)).ok);
    await until('the hold', () => rollout()?.holds.includes('frozen') === true);
    const held = clock.now();
    assert.ok((await plane.removeFreeze('token:t', 'now')).ok);
    await until('going on', () => rollout()?.holds.length === 0);
    assert.ok(clock.now() - held <= 2_000);
    assert.equal(plane.world().freezes.size, 0);
  });

  it('law 4: a plan looks as far ahead as its bakes take, for the longest asynchronous path as well', async () => {
    await put({ ...LUNCH, starts: '2026-11-20T15:00:00' });
    const shown = () => {
      const plan = plane.plan('blue');
      assert.ok(plan.ok);
      return plan.value.freezes.map(({ freeze }) => freeze);
    };
    assert.deepEqual(shown(), [], 'it begins in half an hour, and the bakes take eight minutes');
    const slow = parse(shopManifests()[0], (given) => ({
      ...given,
      spec: { ...(given.spec as object), asynchronousPath: '20m' },
    }));
    assert.ok((await plane.apply('token:t', [slow])).ok);
    assert.deepEqual(shown(), ['lunch']);
  });

  it('binds those it names, and every service when it names none', async () => {
    await put({ ...NOW, services: [] });
    assert.equal((await plane.start('token:t', 'blue')).ok, false);
    const mail = parse(shopManifests()[0], (document) => ({ ...document, metadata: { name: 'mail' } }));
    assert.ok((await plane.apply('token:t', [mail, { kind: 'Freeze', freeze: { ...NOW, services: ['mail'] } }])).ok);
    assert.equal((await plane.start('token:t', 'blue')).ok, true);
  });

  it('law 20: it binds after a restart as before', async () => {
    await put(NOW);
    const world = plane.world();
    await close();
    await open();
    fleet = await connectShopFleet(plane);
    assert.deepEqual(plane.world().freezes, world.freezes);
    const started = await plane.start('token:t', 'blue');
    assert.ok(!started.ok && started.error[0]?.code === 'frozen');
  });

  it('law 16: one that can never bind is refused, and nothing that came with it is taken', async () => {
    const never: Freeze = { ...NOW, rule: 'FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30' };
    const refused = await plane.apply('token:t', [
      { kind: 'Freeze', freeze: { ...NOW, name: 'fine' } },
      { kind: 'Freeze', freeze: never },
    ]);
    assert.ok(!refused.ok);
    assert.deepEqual(
      refused.error.map(({ code }) => code),
      ['freeze-invalid'],
    );
    assert.equal(plane.world().freezes.size, 0);
  });
});

/** The shop, with a bake of four minutes in each of its two stages, which open by themselves. */
function manifests(): readonly ManifestInput[] {
  return shopManifests(CONTENT).map((document) =>
    parse(document, (given) => {
      if (given.kind !== 'Pipeline') return given;
      const stages = (given.spec as { stages: readonly object[] }).stages;
      const bake = { minimum: '4m', deadline: '30m' };
      return {
        ...given,
        spec: { ...(given.spec as object), stages: stages.map((stage) => ({ ...stage, promote: 'auto', bake })) },
      };
    }),
  );
}

type Document = Readonly<Record<string, unknown>>;

function parse(document: unknown, change: (document: Document) => Document): ManifestInput {
  const read = parseManifestValue(change(document as Document));
  assert.ok(read.ok, JSON.stringify(read));
  const { value } = read;
  if (value.kind === 'Service') return { kind: 'Service', service: value.service };
  if (value.kind === 'Pipeline') return { kind: 'Pipeline', pipeline: value.pipeline };
  assert.equal(value.kind, 'Change');
  const { name, service, roles, reason } = (value as Extract<typeof value, { kind: 'Change' }>).change;
  return { kind: 'Change', change: { name, service, roles, reason, slots: { 'config/shop': Buffer.from(CONTENT) } } };
}

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { memoryVault } from '../src/adapters/signing/testing/memoryVault.ts';
import type { PeakHours } from '../src/core/policy/peak.ts';
import type { Pipeline } from '../src/core/policy/pipeline.ts';
import type { ControlPlane, ManifestInput } from '../src/engine/ports/controlPlane.ts';
import type { Store } from '../src/engine/ports/store.ts';
import { parseManifestValue } from '../src/wire/manifest/parseManifestValue.ts';
import { connectShopFleet, type ShopFleet, shopManifests } from './http/shopFleet.ts';
import { ManualClock } from './support/manualClock.ts';
import { openEngine } from './support/openEngine.ts';

/*
 * Law 4 through the whole engine: its real store and calendar, a clock that the test owns, and targets that do as they are told.
 * In Berlin the clocks have gone back in the morning of this day: 18:00 there is 17:00 in UTC, where it was 16:00 the evening before.
 */

const BEFORE = Date.UTC(2026, 9, 25, 16, 50);
const STARTS = Date.UTC(2026, 9, 25, 17);
const ENDS = Date.UTC(2026, 9, 25, 17, 8);
const CONTENT = '{"colour":"blue"}';
const WINDOW = {
  starts: STARTS,
  ends: ENDS,
  local: { starts: '2026-10-25 18:00 Europe/Berlin', ends: '2026-10-25 18:08 Europe/Berlin' },
};
const PEAK: PeakHours = { from: '18:00', to: '18:08', timeZone: 'Europe/Berlin', days: ['sun'] };

describe('a peak, through the whole engine', () => {
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
    directory = await mkdtemp(join(tmpdir(), 'ringfence-peaks-'));
    clock = new ManualClock(BEFORE);
    await open();
    const applied = await plane.apply('engine', shop());
    assert.ok(applied.ok, JSON.stringify(applied));
    fleet = await connectShopFleet(plane);
  });
  afterEach(async () => {
    await close();
    await rm(directory, { recursive: true });
  });

  const rollout = () => plane.world().rollouts.get('shop-1');
  const says = () => plane.rolloutView('shop-1')?.says ?? '';
  const passedAt = async () => (await plane.log(0, 1_000)).find(({ type }) => type === 'StagePassed')?.at ?? 0;

  /** Lets time pass, a second at a time, until something is so. */
  async function until(what: string, probe: () => boolean): Promise<void> {
    for (let second = 0; second < 3_600; second++) {
      if (probe()) return;
      await clock.advance(1_000);
    }
    assert.fail(`${what} did not come: ${says()}`);
  }

  async function started(): Promise<void> {
    const outcome = await plane.start('engine', 'blue');
    assert.ok(outcome.ok, JSON.stringify(outcome));
    await until('the wait for the peak', () => says().includes('waits for the peak'));
  }

  it('law 4: the plan says which peak it would be, and how long that takes at the least', () => {
    const plan = plane.plan('blue');
    assert.ok(plan.ok);
    assert.deepEqual(plan.value.stages[0]?.peak, WINDOW);
    assert.equal(plan.value.stages[1]?.peak, null);
    assert.equal(plan.value.minimumMs, ENDS - BEFORE + 1);
  });

  it('law 4: a bake waits for it, long after its deadline, and its evidence says that it covered it', async () => {
    await started();
    assert.match(
      says(),
      /^"canary" bakes: .*; waits for the peak from 2026-10-25 18:00 Europe\/Berlin until 2026-10-25 18:08 Europe\/Berlin$/,
    );
    assert.deepEqual(rollout()?.holds, []);
    await until('the peak', () => says().includes('in the peak until'));
    assert.ok(clock.now() >= STARTS && clock.now() <= STARTS + 2_000);
    assert.deepEqual(rollout()?.holds, []);
    await until('the evidence', () => (rollout()?.evidence.length ?? 0) > 0);
    assert.ok((await passedAt()) >= ENDS && (await passedAt()) <= ENDS + 2_000);
    assert.deepEqual(rollout()?.evidence[0]?.peak, WINDOW);
    await until('the end', () => rollout()?.phase === 'completed');
    assert.equal(rollout()?.evidence[1]?.peak, undefined, 'the last stage asks for none');
  });

  it('law 22: harm in the wait rolls it back in the wait', async () => {
    await started();
    fleet.failOn(CONTENT);
    await until('the rollback', () => rollout()?.phase === 'rolledBack');
    assert.ok(clock.now() < STARTS);
  });

  it('a restart while it waits changes nothing: the same peak, at the same time', async () => {
    await started();
    await close();
    await open();
    fleet = await connectShopFleet(plane);
    await until('the wait for the peak', () => says().includes('waits for the peak from 2026-10-25 18:00'));
    await until('the evidence', () => (rollout()?.evidence.length ?? 0) > 0);
    assert.ok((await passedAt()) >= ENDS && (await passedAt()) <= ENDS + 2_000);
  });
});

/** The shop, whose canaries must see the peak although their deadline is a minute; everything opens by itself. */
function shop(): readonly ManifestInput[] {
  return shopManifests(CONTENT).map((document): ManifestInput => {
    const read = parseManifestValue(document);
    assert.ok(read.ok, JSON.stringify(read));
    const { value } = read;
    if (value.kind === 'Service') return { kind: 'Service', service: value.service };
    if (value.kind === 'Pipeline') return { kind: 'Pipeline', pipeline: withPeak(value.pipeline) };
    assert.ok(value.kind === 'Change');
    const { name, service, roles, reason } = value.change;
    return { kind: 'Change', change: { name, service, roles, reason, slots: { 'config/shop': Buffer.from(CONTENT) } } };
  });
}

function withPeak(pipeline: Pipeline): Pipeline {
  const stages = pipeline.stages.map((stage, index) => {
    return { ...stage, promote: 'auto' as const, bake: { ...stage.bake, ...(index === 0 ? { peak: PEAK } : {}) } };
  });
  return { ...pipeline, stages };
}

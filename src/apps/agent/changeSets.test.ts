import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from '../../adapters/driver/testing/eventually.ts';
import { DIGESTS, FILES, type FileName } from './testing/agentBench.ts';
import { SLOT, TILL } from './testing/benchFleet.ts';
import { type Mortal, mortal } from './testing/mortal.ts';

/** A target with a second slot, whose file is only read back: nothing but its set can be wrong with it. */
function withTill({ bench }: Mortal): string {
  const file = join(bench.folder, 'till.json');
  writeFileSync(file, FILES.old);
  const till = {
    kind: 'config' as const,
    file,
    mode: null,
    owner: null,
    validate: null,
    reload: null,
    restart: null,
    verify: null,
    watchForMs: 30_000,
  };
  bench.spec = { ...bench.spec, slots: { [TILL]: till, [SLOT]: bench.spec.slots[SLOT] ?? assert.fail() } };
  return file;
}

function inTill(file: string): string {
  const text = readFileSync(file, 'utf8');
  return Object.entries(FILES).find(([, known]) => known === text)?.[0] ?? text;
}

const bothHold = ({ bench }: Mortal, name: FileName) =>
  [SLOT, TILL].every((slot) => {
    const { phase, current } = bench.fleet.slotNamed(slot) ?? {};
    return phase === 'settled' && current === DIGESTS[name];
  });
const bothFailed = ({ bench }: Mortal) =>
  [SLOT, TILL].every((slot) => {
    const { phase, current } = bench.fleet.slotNamed(slot) ?? {};
    return phase === 'failed' && current === DIGESTS.old;
  });

describe('law 7: a change of two slots on one target is one set', () => {
  it('both go forward, and both go back when ordered', async (test) => {
    const it = await mortal(test);
    await it.fresh();
    const till = withTill(it);
    it.order({ candidate: DIGESTS.good, till: DIGESTS.good });
    const child = it.start();
    await eventually('both hold it', () => bothHold(it, 'good'));
    it.order({});
    await eventually('both are back', () => bothHold(it, 'old'));
    assert.deepEqual([it.bench.inFile(), await it.bench.running(), inTill(till)], ['old', 'old', 'old']);
    await it.end(child);
  });

  for (const [bad, code] of [
    ['hangs', 'verify-failed'],
    ['dies', 'revert-failed'],
  ] as const) {
    it(`one that cannot hold its part (${bad}) takes the other back, which was confirmed long before`, async (test) => {
      const it = await mortal(test);
      await it.fresh();
      const till = withTill(it);
      it.bench.hurry();
      // Nothing but its set speaks against the other one.
      it.bench.spec = { ...it.bench.spec, checks: [] };
      it.order({ candidate: DIGESTS[bad], till: DIGESTS.good });
      const child = it.start();
      const { fleet } = it.bench;
      await eventually(
        'the other went forward',
        () => inTill(till) === 'good' || fleet.slotNamed(TILL)?.phase === 'failed',
      );
      await eventually('the other is back', () => inTill(till) === 'old' && fleet.slotNamed(TILL)?.phase === 'failed');
      const { failure, failed } = fleet.slotNamed(TILL) ?? assert.fail();
      assert.match(failure, /^config\/shop could not hold its part of the same change: /);
      assert.deepEqual([failed, it.bench.inFile()], [DIGESTS.good, 'old']);
      await eventually('said', () => fleet.slot?.failureCode === code);
      await it.end(child);
    });
  }

  it('killed before any step of it (SIGKILL): no target is ever left with half of it', async (test) => {
    const it = await mortal(test);
    for (let step = 1; ; step++) {
      await it.fresh();
      const till = withTill(it);
      it.order({ candidate: DIGESTS.sick, till: DIGESTS.good });
      const died = await it.liveUntil(step, () => bothFailed(it), 'driver.apply');
      if (died === null) break;
      const child = it.start();
      await eventually(`both are back, after ${died}`, () => bothFailed(it));
      assert.deepEqual([it.bench.inFile(), await it.bench.running(), inTill(till)], ['old', 'old', 'old'], died);
      await it.end(child);
    }
  });

  it('none is applied before all are prepared: where one cannot be, nothing is touched', async (test) => {
    const it = await mortal(test);
    await it.fresh();
    withTill(it);
    const { [TILL]: till, [SLOT]: shop } = it.bench.spec.slots;
    assert.ok(till?.kind === 'config' && shop);
    const nowhere = { ...till, file: join(it.bench.folder, 'nowhere', 'till.json') };
    it.bench.spec = { ...it.bench.spec, slots: { [SLOT]: shop, [TILL]: nowhere } };
    const reads = await it.bench.service.reads();
    it.order({ candidate: DIGESTS.good, till: DIGESTS.good });
    const child = it.start();
    const { fleet } = it.bench;
    await eventually('both have failed', () => [SLOT, TILL].every((slot) => fleet.slotNamed(slot)?.phase === 'failed'));
    assert.equal(fleet.slotNamed(TILL)?.failureCode, 'prepare-failed');
    assert.match(fleet.slotNamed(SLOT)?.failure ?? '', /^config\/till could not hold its part of the same change: /);
    assert.equal(await it.bench.service.reads(), reads, 'the service was never told of anything');
    const applied = fleet.reports.some(({ slots }) => slots.some(({ phase }) => phase === 'applying'));
    assert.ok(!applied);
    await it.end(child);
  });

  it('a person takes back one slot alone, and the other stays', async (test) => {
    const it = await mortal(test);
    const { bench } = it;
    const till = withTill(it);
    bench.fleet.order({ candidate: DIGESTS.good, till: DIGESTS.good });
    const agent = await bench.startAgent();
    await eventually('both hold it', () => bothHold(it, 'good'));
    await agent.takeBack({ slot: SLOT, to: null, says: 'this one' });
    await eventually('said', () => bench.fleet.slot?.failureCode === 'taken-back');
    assert.deepEqual([bench.inFile(), inTill(till)], ['old', 'good']);
  });
});

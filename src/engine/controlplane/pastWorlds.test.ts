import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredEvent } from '../../wire/storedEvent.ts';
import { PastWorlds } from './pastWorlds.ts';

/** A log of targets that enrol, each at its time. Any number of events: more than one page. */
function logAt(times: readonly number[]) {
  const events = times.map((at, index): StoredEvent => {
    const uid = index.toString(16).padStart(32, '0');
    const target = { uid, name: `shop-${index}`, service: 'shop', role: 'api', labels: {} };
    const hash = '0'.repeat(64);
    const event = { stream: `target/${uid}`, type: 'TargetEnrolled', actor: 'agent:a', data: { target } };
    return { ...event, position: index + 1, at, previousHash: hash, hash };
  });
  const counted = { reads: 0 };
  const read = async (after: number, limit = 1000) => {
    counted.reads++;
    return events.slice(after, after + limit);
  };
  return { log: { read }, counted };
}

test('a time is the last event that says it was no later, also where a clock was set forward and back', async () => {
  const { log } = logAt([100, 200, 9_000, 300, 400]);
  const past = new PastWorlds(log, () => 10_000);
  for (const [at, position] of [
    [100, 1],
    [199, 1],
    [200, 2],
    [299, 2],
    [300, 4],
    [10_000, 5],
  ] as const) {
    const found = await past.at({ at });
    assert.ok(found.ok);
    assert.deepEqual([found.value.position, found.value.world.targets.size], [position, position], `at ${at}`);
  }
  const [early, ahead] = [await past.at({ at: 99 }), await past.at({ at: 10_001 })];
  assert.ok(!early.ok && early.error.includes('before anything was recorded'));
  assert.ok(!ahead.ok && ahead.error.includes('lies ahead'));
});

test('a log of many pages is folded up to the event that was asked for, and the same moment again costs nothing', async () => {
  const { log, counted } = logAt(Array.from({ length: 1_750 }, (_, index) => index));
  const past = new PastWorlds(log, () => 10_000);
  for (const position of [1, 499, 500, 501, 1_000, 1_750]) {
    const found = await past.at({ position });
    assert.ok(found.ok);
    assert.deepEqual([found.value.world.position, found.value.world.targets.size], [position, position]);
  }
  const before = counted.reads;
  await Promise.all([past.at({ position: 1_750 }), past.at({ position: 1_750 })]);
  assert.equal(counted.reads - before, 2, 'one look each, whether there is such an event');
  assert.deepEqual(await past.at({ position: 1_751 }), { ok: false, error: 'there is no event 1751 yet' });
  assert.deepEqual(await past.at({ position: 0 }), { ok: false, error: 'the record begins with event 1' });
});

test('an empty log has no past, and a log that cannot be read does not stop the next question', async () => {
  const empty = new PastWorlds(logAt([]).log, () => 10);
  assert.deepEqual(await empty.at({ at: 5 }), { ok: false, error: 'nothing is recorded yet' });
  const { log } = logAt([1]);
  let broken = true;
  const past = new PastWorlds(
    { read: async (after, limit) => (broken ? Promise.reject(new Error('no disk')) : log.read(after, limit)) },
    () => 10,
  );
  await assert.rejects(past.at({ at: 5 }), /no disk/);
  broken = false;
  assert.equal((await past.at({ at: 5 })).ok, true);
});

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { FleetChangeBody } from '../../src/wire/http/fleet.ts';
import { type ApiUnderTest, startApi, until } from './apiUnderTest.ts';
import { followStream, type StreamEvent } from './followStream.ts';
import { connectShopFleet, type ShopFleet, shopManifests } from './shopFleet.ts';

let api: ApiUnderTest;
let fleet: ShopFleet;
beforeEach(async () => {
  api = await startApi();
  const { status, text } = await api.call({
    method: 'POST',
    path: '/v1/manifests',
    body: { documents: shopManifests() },
  });
  assert.equal(status, 200, text);
  fleet = await connectShopFleet(api.controlPlane);
});
afterEach(async () => {
  fleet.stop();
  await api.close();
});

interface Row {
  name: string;
  standing: string;
  ring: string | undefined;
  holding: FleetChangeBody['holdings'][number];
}

/** What somebody knows who has taken in all of this. */
function fold(events: readonly StreamEvent[]): { rows: Row[]; cursor: string; resets: number } {
  let [names, kinds, holdings]: [string[], FleetChangeBody['kinds'], FleetChangeBody['holdings']] = [[], [], []];
  let [rows, cursor, resets]: [Row[], string, number] = [[], '', 0];
  for (const { event, data } of events) {
    if (event !== 'fleet') continue;
    const change = data as FleetChangeBody;
    if (change.reset) {
      [names, kinds, holdings, rows] = [[], [], [], []];
      resets++;
    }
    cursor = change.cursor;
    names.push(...change.joined.names);
    kinds.push(...change.kinds);
    holdings.push(...change.holdings);
    change.changed.at.forEach((row, index) => {
      rows[row] = {
        name: names[row] ?? '',
        standing: change.changed.standings[index] ?? '',
        ring: kinds[change.changed.kinds[index] ?? -1]?.labels.ring,
        holding: holdings[change.changed.holdings[index] ?? -1] ?? { service: '', slots: null },
      };
    });
  }
  return { rows, cursor, resets };
}

test('whoever asks for the fleet hears of every target, then of what changes, and of nothing twice', async () => {
  const stream = await followStream(api, { query: '?fleet=' });
  await until('every target', () => fold(stream.events).rows.length === 3);
  const { rows } = fold(stream.events);
  assert.deepEqual(
    rows.map(({ name, standing, ring }) => [name, standing, ring]),
    [
      ['shop-1', 'settled', 'canary'],
      ['shop-2', 'settled', 'broad'],
      ['shop-3', 'settled', 'broad'],
    ],
  );
  const told = stream.events.filter(({ event }) => event === 'fleet').length;
  fleet.stop();
  api.controlPlane.fleet.lost('2'.padStart(32, '0'));
  await until('one that is gone', () => fold(stream.events).rows[1]?.standing === 'gone');
  const later = stream.events.filter(({ event }) => event === 'fleet').slice(told);
  assert.deepEqual(
    later.map(({ data }) => (data as FleetChangeBody).changed.at),
    [[1]],
  );

  await stream.leave();
  const plain = await followStream(api, { query: '?after=0' });
  await until('the log', () => plain.events.length > 0);
  assert.equal(
    plain.events.some(({ event }) => event === 'fleet'),
    false,
    'nobody else hears of it',
  );
  await plain.leave();
});

test('whoever comes back with their cursor hears of what they missed; with one of another server, of everything', async () => {
  const first = await followStream(api, { query: '?fleet=' });
  await until('every target', () => fold(first.events).rows.length === 3);
  await first.leave();
  fleet.stop();
  api.controlPlane.fleet.lost('3'.padStart(32, '0'));
  const { cursor } = fold(first.events);
  const second = await followStream(api, { query: `?fleet=${cursor}` });
  await until('what was missed', () => fold(second.events).rows[2]?.standing === 'gone');
  assert.deepEqual([fold(second.events).resets, second.events.filter(({ event }) => event === 'fleet').length], [0, 1]);
  await second.leave();

  for (const foreign of ['0badcafe.0.1.3.1.1', 'what', `${cursor}.1`, cursor.replace(/\.3\./, '.9.')]) {
    const other = await followStream(api, { query: `?fleet=${foreign}` });
    await until(`everything, from ${foreign}`, () => fold(other.events).rows.length === 3);
    assert.equal(fold(other.events).resets, 1);
    await other.leave();
  }
});

test('a target that is retired is forgotten by whoever watches', async () => {
  const stream = await followStream(api, { query: '?fleet=' });
  await until('every target', () => fold(stream.events).rows.length === 3);
  const uid = '1'.padStart(32, '0');
  fleet.stop();
  api.controlPlane.fleet.lost(uid);
  const retired = await api.controlPlane.retireTarget('engine', uid);
  assert.ok(retired.ok);
  await until('one fewer', () => fold(stream.events).rows.length === 2);
  assert.deepEqual(
    fold(stream.events).rows.map(({ name }) => name),
    ['shop-2', 'shop-3'],
  );
  await stream.leave();
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose } from '../choices.ts';
import { Chance } from '../kernel/chance.ts';
import { settled } from '../kernel/eventLoop.ts';
import { Scene } from '../scene.ts';

test('a server that was retired stays so, whatever was to start it again', async () => {
  const chance = new Chance(1);
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const scene = new Scene({ choices: choose(chance, [], 0), chance, witness: () => {}, logger, wraps: {} });
  const [server] = scene.servers;
  assert.ok(server !== undefined);
  const run = async (untilMs: number, enough: () => boolean) => {
    await settled();
    while (!enough() && (await scene.loop.step(untilMs)));
  };

  server.start();
  await run(10_000, () => scene.plane !== null);
  assert.ok(server.isUp);
  scene.restartServer(server, 500);
  server.retire();
  await run(60_000, () => server.isUp);
  assert.ok(!server.isUp, 'neither what waited for its end');
  server.startAfter(100);
  await run(120_000, () => server.isUp);
  assert.ok(!server.isUp, 'nor who starts it later');
});

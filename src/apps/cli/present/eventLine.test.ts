import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventBody } from '../../../wire/http/log.ts';
import { paint } from '../terminal/styledLine.ts';
import { plainEvent, StageNames } from './eventLine.ts';

const HASH = '0'.repeat(64);

function event(type: string, data: Record<string, unknown>, actor = 'engine'): EventBody {
  return {
    position: 1,
    stream: 'rollout/shop-2',
    type,
    at: '2026-03-01T12:00:00.123Z',
    actor,
    data,
    previousHash: HASH,
    hash: HASH,
  };
}

const change = { name: 'faster', digest: `sha256:${'3fa9c1d20b7e'.padEnd(64, '0')}`, reason: 'because' };
const plan = [{ name: 'canary' }, { name: 'broad' }];

const LINES: readonly (readonly [type: string, data: Record<string, unknown>, says: string])[] = [
  [
    'RolloutStarted',
    { id: 'shop-2', change, pipeline: { name: 'shop' }, plan },
    'shop-2 started: faster 3fa9c1d20b7e through shop (canary > broad)',
  ],
  [
    'WaveOpened',
    { id: 'shop-2', stage: 1, wave: 1, absent: ['x'] },
    'shop-2 opened wave 2 of stage broad; 1 target not connected',
  ],
  ['ReleaseWidened', { id: 'shop-2', targets: 2 }, 'shop-2 goes back on 2 more targets that are well'],
  ['WaveWidened', { id: 'shop-2', targets: 3 }, 'shop-2 goes on with 3 targets'],
  [
    'PaceChanged',
    { id: 'shop-2', pace: { concurrency: 2, says: 'halved from 4: 1 target failed', slower: true } },
    'shop-2 goes slower, at most 2 targets at once: halved from 4: 1 target failed',
  ],
  ['RehearsalStarted', { id: 'shop-2' }, 'shop-2 rehearses the way back in stage canary'],
  ['RehearsalProved', { id: 'shop-2', targets: 2 }, 'shop-2 went back as rehearsed: 2 targets, by effect'],
  ['BakeStarted', { id: 'shop-2', stage: 0 }, 'shop-2 bakes stage canary: all of its targets confirmed'],
  ['WaveOpened', { id: 'other-1', stage: 1, wave: 0, absent: [] }, 'other-1 opened wave 1 of stage 2'],
  ['HoldRaised', { id: 'shop-2', reason: 'no-data', says: 'nothing came' }, 'shop-2 is held, no-data: nothing came'],
  [
    'TargetsFailed',
    { id: 'shop-2', count: 5, failed: ['a', 'b', 'c', 'd'].map((target) => ({ target, code: 'x', says: 'y' })) },
    'shop-2: 5 targets failed: a (x): y; b (x): y; c (x): y; and 2 more',
  ],
  ['RolloutCompleted', { id: 'shop-2' }, 'shop-2 completed: it is the last known good now'],
  [
    'CheckpointSigned',
    { checkpoint: { document: { position: 7 }, key: 'k1' } },
    'checkpoint: the record up to event 7 signed with key k1',
  ],
  ['InventedLater', { id: 'shop-2' }, 'InventedLater'],
  ['WaveOpened', {}, 'WaveOpened'],
  ['toString', {}, 'toString'],
];

test('one line for each thing that happened; what a later version invented is named and no more', () => {
  const stages = new StageNames();
  for (const [type, data, says] of LINES) {
    const given = event(type, data);
    stages.learn(given);
    assert.equal(paint(plainEvent(given, stages.name), false), `2026-03-01T12:00:00Z  ${says}`);
  }
});

test('who did it is said when it was not the engine', () => {
  const line = paint(
    plainEvent(event('LineHalted', { reason: 'storm\x1b[2J' }, 'token:ann'), new StageNames().name),
    false,
  );
  assert.equal(line, '2026-03-01T12:00:00Z  the line is halted: storm (by token:ann)');
});

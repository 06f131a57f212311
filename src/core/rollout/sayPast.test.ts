import assert from 'node:assert/strict';
import { test } from 'node:test';
import { after, rolloutOf } from './fixtures.ts';
import type { HoldReason } from './hold.ts';
import { sayPast } from './sayPast.ts';

const id = 'shop-1';
const NO_WORDS = new Map<HoldReason, string>();

test('law 19: what a rollout did at a moment that is over, from the record alone', () => {
  const rolling = rolloutOf();
  const baking = after(rolling, [{ type: 'BakeStarted', data: { id, stage: 0 } }]);
  const held = after(baking, [
    { type: 'HoldRaised', data: { id, reason: 'no-data', says: 'api: requests came to nothing' } },
    { type: 'HoldRaised', data: { id, reason: 'line-halted', says: 'the line is halted' } },
  ]);
  const back = after(held, [
    { type: 'RollbackOrdered', data: { id, code: 'person', says: 'it was ours', verdicts: [] } },
  ]);
  const words = new Map<HoldReason, string>([['no-data', 'api: requests came to nothing']]);
  for (const [rollout, says] of [
    [rolling, /^"canary", wave 1 of 1 is open$/],
    [baking, /^"canary" bakes: 2s of 5s$/],
    [held, /^held in "canary": api: requests came to nothing; .*halted/],
    [after(held, [{ type: 'RolloutPaused', data: { id, reason: 'lunch' } }]), /^paused by person:operator: lunch$/],
    [back, /^rolling back: it was ours$/],
    [after(back, [{ type: 'RolledBack', data: { id } }]), /^rolled back: it was ours$/],
    [after(baking, [{ type: 'RolloutCompleted', data: { id } }]), /^completed: its change is the last known good$/],
  ] as const)
    assert.match(sayPast(rollout, words, 2_000), says);
  assert.match(
    sayPast(held, NO_WORDS, 2_000),
    /^held in "canary": .+; .+$/,
    'a hold says what it is without words of its own',
  );
  assert.match(sayPast(baking, NO_WORDS, 60_000), /: 5s of 5s$/);
});

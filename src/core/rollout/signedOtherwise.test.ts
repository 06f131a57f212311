import assert from 'node:assert/strict';
import { it } from 'node:test';
import { after, digestOf, rolloutOf, TARGETS } from './fixtures.ts';
import type { Rollout } from './rollout.ts';
import { signedOtherwise } from './signedOtherwise.ts';
import { type Standing, tallyOf } from './tally.ts';

/** The canary stage is open, and the record has lost which one that was: it says the ring of another. */
function stale(): Rollout {
  const rollout = after(rolloutOf(), [
    { type: 'RollbackOrdered', data: { id: 'shop-1', code: 'person', says: '', verdicts: [] } },
  ]);
  const openings = rollout.openings.map((opening) => ({ ...opening, targets: { ring: ['broad'] } }));
  return { ...rollout, permitted: rollout.openings, openings };
}

it('law 23: what was signed and what the record says are the same, or what was signed is remembered', () => {
  const rollout = rolloutOf();
  assert.equal(signedOtherwise(rollout), null, 'nothing was signed: a record from before there were permits');
  assert.equal(signedOtherwise({ ...rollout, permitted: structuredClone(rollout.openings) }), null);
  assert.deepEqual(signedOtherwise(stale()), rollout.openings);
});

it('law 7: a record that has lost its rings still waits for those that were given the change', () => {
  const [canary] = TARGETS;
  assert.ok(canary !== undefined && canary.labels.ring === 'canary');
  const cutOff: Standing = { target: canary, connected: false, lostAt: 0, slots: null, failingChecks: [] };
  const tally = (rollout: Rollout) => tallyOf(rollout, [cutOff], () => digestOf('9'), 1_000);
  assert.deepEqual(tally(stale()).notBackNames, [canary.name]);
  assert.deepEqual(tally({ ...stale(), permitted: null }).notBackNames, [], 'without signatures nobody would know');
});

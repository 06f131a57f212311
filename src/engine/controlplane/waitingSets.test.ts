import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Digest } from '../../core/kernel/digest.ts';
import { place } from '../../core/kernel/place.ts';
import { type Assignment, desiredRevision } from '../../core/rollout/assignment.ts';
import type { SlotStanding } from '../../core/rollout/tally.ts';
import type { AssignmentSet } from '../ports/fleet.ts';
import { WaitingSets } from './waitingSets.ts';

const [CANDIDATE, GOOD]: Digest[] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];
const UID = '0'.repeat(31).concat('1');
const HERE = place('shop-1', UID);

function setWith(below: number | null): AssignmentSet {
  const scope = { service: 'shop', role: 'web', slot: 'config/shop', generation: 9, lastKnownGood: GOOD ?? null };
  const release = { rollout: 'shop-1', artifact: CANDIDATE ?? assert.fail(), below: below ?? 0, afterMs: 1 };
  const assignment: Assignment = { ...scope, candidate: null, ...(below === null ? {} : { release }) };
  const rest = { watches: {}, confirmWithinMs: 1, permits: [], keys: [], serverTime: 0 };
  return { service: 'shop', role: 'web', assignments: [assignment], ...rest };
}

function known(more: Partial<SlotStanding> = {}, failingChecks: readonly string[] = [], connected = true) {
  const slot: SlotStanding = {
    ...{ generation: 1, phase: 'settled', current: CANDIDATE ?? null, baseline: null, failed: null },
    ...{ failureCode: '', failure: '', ...more },
  };
  return { connected, slots: new Map([['config/shop', slot]]), failingChecks };
}

describe('law 11: a foreign agent on a way back that goes in steps', () => {
  const cases: readonly (readonly [string, number | null, ReturnType<typeof known>, Digest | undefined])[] = [
    ['keeps what it holds while it is well and not its turn', HERE / 2, known(), CANDIDATE],
    ['goes when the border has come to its place', HERE + 0.001, known(), GOOD],
    ['goes at once when it is unwell', 0, known({}, ['health']), GOOD],
    ['goes at once when it is in between', 0, known({ phase: 'applying' }), GOOD],
    ['goes at once when it has said nothing', 0, { ...known(), slots: new Map() }, GOOD],
    ['is not held up when it holds something else', 0, known({ current: null }), GOOD],
    ['goes at once where no floor is asked for', null, known(), GOOD],
  ];
  for (const [why, below, standing, expected] of cases) {
    it(why, () => {
      const sets = new WaitingSets();
      const [assignment] = sets.setFor(setWith(below), UID, standing).assignments;
      assert.ok(assignment !== undefined);
      const held = standing.slots.get('config/shop')?.current ?? null;
      assert.equal(desiredRevision(assignment, { uid: UID, labels: {} }, held), expected);
    });
  }

  it('has one document for all who go and one for all who wait', () => {
    const sets = new WaitingSets();
    const set = setWith(0);
    assert.equal(sets.setFor(set, UID, known()), sets.setFor(set, UID.replace('1', '2'), known()));
    assert.equal(sets.setFor(set, UID, known({}, ['health'])), set);
  });
});

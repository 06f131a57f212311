import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brokenSets, isInSet } from './changeSet.ts';
import { after, assigned, IN, INPUTS, NEW, OLD, OTHER } from './fixtures.ts';
import type { PhaseName, Slot } from './slot.ts';

const CONFIRMED_HERE = after(IN.provisional, INPUTS.confirmed);
const HOLDS: Slot = { ...CONFIRMED_HERE, phase: { name: 'settled' } };
const named = (slot: Slot, name: string): Slot => ({ ...slot, name });
const failedWith = (code: 'verify-failed' | 'taken-back'): Slot => ({
  ...IN.failed,
  failure: { artifact: NEW, rollout: 'shop-1', code, says: 'not shown' },
});

describe('law 7: the slots of one change are one set', () => {
  it('one that fails breaks the set of its rollout; who follows it says so, and breaks nothing', () => {
    const [a, b] = [named(failedWith('verify-failed'), 'config/a'), named(HOLDS, 'config/b')];
    const [broken, ...more] = brokenSets([b, a]);
    assert.deepEqual(
      [broken, more],
      [{ rollout: 'shop-1', slot: 'config/a', code: 'verify-failed', says: 'not shown' }, []],
    );
    assert.ok(broken);
    const followed = after(b, { kind: 'setFailed', broken });
    const says = 'config/a could not hold its part of the same change: not shown';
    assert.deepEqual(followed.failure, {
      artifact: NEW,
      rollout: 'shop-1',
      code: 'verify-failed',
      slot: 'config/a',
      says,
    });
    assert.deepEqual(brokenSets([followed, a]), [broken]);
  });

  it('what a person took back alone is what the person wanted', () => {
    assert.equal(brokenSets([failedWith('taken-back')]).length, 0);
  });

  it('a last known good that one slot cannot catch up with breaks nothing: it belongs to no rollout', () => {
    const behind = after(IN.settled, assigned(8, { artifact: null, lastKnownGood: NEW }), INPUTS.prepared);
    assert.equal(brokenSets([after(behind, INPUTS.applyFailed)]).length, 0);
  });

  // biome-ignore format: a table
  const FOLLOWS: readonly (readonly [PhaseName, follows: boolean])[] = [
    ['settled', false], ['preparing', true], ['applying', true], ['verifying', true], ['checking', true], ['provisional', true],
    ['watching', true], ['reverting', false], ['stuck', false], ['failed', false],
  ];
  for (const [phase, follows] of FOLLOWS) {
    it(`${phase}: ${follows ? 'does not stay with its part' : 'has no part of it'}`, () => {
      assert.equal(isInSet(IN[phase], 'shop-1'), follows);
      assert.equal(isInSet(IN[phase], 'shop-2'), false);
      const slot = after(IN[phase], INPUTS.setFailed);
      assert.equal(isInSet(slot, 'shop-1'), false);
      if (follows) assert.deepEqual([slot.failure?.slot, slot.failure?.rollout], ['config/till', 'shop-1']);
      else assert.deepEqual(slot, IN[phase]);
    });
  }

  it('one that has long settled goes back too, however long ago its trial ended', () => {
    const stood: Slot = { ...HOLDS, trial: HOLDS.trial && { ...HOLDS.trial, until: null } };
    assert.ok(isInSet(stood, 'shop-1'));
    const back = after(stood, INPUTS.setFailed);
    assert.deepEqual(back.phase.name === 'reverting' && back.phase.revert, { to: OLD, leaving: NEW, attempt: 1 });
  });

  it('and is not tried again in the same rollout (law 18), nor is another rollout touched by it', () => {
    const back = after(HOLDS, INPUTS.setFailed, INPUTS.reverted);
    assert.deepEqual([back.phase, back.holds], [{ name: 'failed', until: null }, OLD]);
    assert.equal(after(back, assigned(9, { artifact: OTHER, rollout: 'shop-2' })).phase.name, 'preparing');
    const { broken } = INPUTS.setFailed;
    assert.deepEqual(after(HOLDS, { kind: 'setFailed', broken: { ...broken, rollout: 'shop-9' } }), HOLDS);
  });
});

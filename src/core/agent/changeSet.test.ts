import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brokenSets, isInSet, type SetMember, waitsFor } from './changeSet.ts';
import { AT, after, assigned, CALLED, IN, INPUTS, NEW, OLD, OTHER } from './fixtures.ts';
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

describe('law 7: none of a set is applied before all are prepared, and then by their order', () => {
  const me = (order: number): SetMember => ({ slot: named(IN.preparing, 'config/me'), ready: true, order });
  const waits = (other: Slot, { ready = false, order = 0, mine = 0 } = {}) =>
    waitsFor('config/me', 'shop-1', [me(mine), { slot: named(other, 'config/other'), ready, order }], AT.target)
      .length > 0;
  const elsewhere: Slot = { ...CALLED, assignment: assigned(7, { ring: 'broad' }).assignment };
  const inAnother: Slot = { ...CALLED, assignment: assigned(7, { rollout: 'shop-2' }).assignment };

  // biome-ignore format: a table
  const WAITS: readonly (readonly [other: Slot, about: { ready?: boolean; order?: number; mine?: number }, waits: boolean, why: string])[] = [
    [IN.preparing, {}, true, 'it is not prepared'],
    [IN.preparing, { ready: true }, false, 'both are prepared, and neither comes first'],
    [IN.preparing, { ready: true, order: 1 }, false, 'it is prepared and comes after me'],
    [IN.preparing, { ready: true, mine: 1 }, true, 'it is prepared and comes before me'],
    [IN.applying, {}, false, 'it is on its way, and neither comes first'],
    [IN.applying, { mine: 1 }, true, 'it comes before me and is not verified yet'],
    [IN.checking, { mine: 1 }, true, 'nor are its checks through'],
    [IN.provisional, { mine: 1 }, false, 'it came before me and is in force'],
    [IN.watching, { mine: 1 }, false, 'it is confirmed'],
    [HOLDS, { mine: 1 }, false, 'it holds its part'],
    [CALLED, {}, true, 'it has not begun'],
    [{ ...IN.reverting, failure: null }, {}, true, 'it is on its way back from something else'],
    [IN.failed, {}, false, 'it failed: that breaks the set, and needs no waiting'],
    [{ ...CALLED, takenBack: [NEW] }, {}, false, 'a person took it back alone'],
    [elsewhere, {}, false, 'it is not opened here'],
    [inAnother, {}, false, 'it belongs to another rollout'],
    [{ ...IN.preparing, phase: { ...IN.preparing.phase, move: { to: OTHER, from: OLD, rollout: 'shop-0', generation: 6 } } as Slot['phase'] }, { ready: true }, true, 'it is still busy with another rollout'],
  ];
  for (const [other, about, expected, why] of WAITS)
    it(`${expected ? 'waits' : 'goes'}: ${why}`, () => assert.equal(waits(other, about), expected));

  it('alone it waits for nobody', () => {
    assert.deepEqual(waitsFor('config/me', 'shop-1', [me(0)], AT.target), []);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Digest } from '../kernel/digest.ts';
import { after, assigned, CALM, digest, IN, INPUTS, NEW, NOW, OLD, OTHER } from './fixtures.ts';
import { contentsToKeep, KEPT_EARNED, type PhaseName, type Slot } from './slot.ts';
import { provenHere } from './takingBackSteps.ts';

let generation = 10;

/** Goes through a whole rollout of this artifact, which then is the fleet's last known good. */
function earn(slot: Slot, artifact: Digest): Slot {
  generation += 2;
  const rollout = `shop-${generation}`;
  const lastKnownGood = slot.assignment?.lastKnownGood ?? null;
  return after(
    slot,
    assigned(generation, { artifact, rollout, lastKnownGood }),
    { kind: 'prepared', found: slot.holds ?? 'absent', attributes: {} },
    INPUTS.applied,
    INPUTS.verified,
    INPUTS.checksPassed,
    { kind: 'confirmed', artifact, generation },
    assigned(generation + 1, { artifact: null, lastKnownGood: artifact }),
  );
}

const [A, B, C, D] = [digest('a'), digest('b'), digest('c'), digest('d')];
const order = (to: Digest | 'absent' | null) => ({ kind: 'revertOrdered', to, says: 'a person' }) as const;

describe('law 8: what finished a whole rollout stays on the target', () => {
  it('the newest three, also beside something unproven', () => {
    const slot = [A, B, C].reduce(earn, CALM);
    assert.deepEqual(slot.earned, [A, B, C]);
    const tries = after(slot, assigned(generation + 10, { artifact: D, rollout: 'shop-99', lastKnownGood: C }));
    const holds = after(
      tries,
      { kind: 'prepared', found: C, attributes: {} },
      INPUTS.applied,
      INPUTS.verified,
      INPUTS.checksPassed,
      { kind: 'confirmed', artifact: D, generation: generation + 10 },
    );
    assert.deepEqual(holds.confirmed, [B, C, D]);
    for (const good of [OLD, A, B, C, D]) assert.ok(contentsToKeep(holds).has(good), good);
    assert.equal([D, digest('e')].reduce(earn, slot).earned.length, KEPT_EARNED);
  });

  it('being confirmed earns nothing, nor does a last known good that nothing shows to be one', () => {
    const confirmed = after(IN.provisional, INPUTS.confirmed);
    assert.deepEqual(confirmed.earned, []);
    const refused = { granted: false, code: 'no-permit', says: '' } as const;
    const claimed = {
      ...assigned(8, { artifact: null, lastKnownGood: NEW }),
      leaves: { candidate: refused, lastKnownGood: refused },
    };
    assert.deepEqual(after(confirmed, claimed).earned, []);
  });

  it('nothing that is gone back from is forgotten', () => {
    const slot = [A, B, C].reduce(earn, CALM);
    const back = after(slot, order(null), INPUTS.reverted);
    assert.deepEqual([back.holds, back.earned], [B, [A, B, C]]);
    assert.ok(contentsToKeep(back).has(C));
  });
});

describe('a person takes a target back', () => {
  const slot = [A, B, C].reduce(earn, CALM);

  it('to anything that was proven here', () => {
    assert.deepEqual([...provenHere(slot)].sort(), [OLD, A, B, C].sort());
    for (const to of [A, B, OLD]) {
      const back = after(slot, order(to), INPUTS.reverted);
      assert.deepEqual([back.phase.name, back.holds, back.failure?.code], ['failed', to, 'taken-back']);
    }
  });

  it('and to nothing else', () => {
    const settled: Slot = { ...slot, phase: { name: 'settled' } };
    for (const at of [slot, settled])
      for (const to of [D, NEW, 'absent' as const, C]) assert.deepEqual(after(at, order(to)), at, to);
    assert.equal(after(settled, order(A), INPUTS.reverted).holds, A);
    const unproven = after(IN.provisional, INPUTS.confirmed);
    assert.ok(!provenHere(unproven).has(NEW), 'what is in force unproven cannot be gone back to');
  });

  it('and it stays there: what was left, and what the server wants, stay away', () => {
    const wanted = assigned(generation + 20, { artifact: null, lastKnownGood: C });
    const first = after(slot, order(null), INPUTS.reverted);
    const second = after(first, order(A), INPUTS.reverted, wanted);
    assert.deepEqual([second.holds, second.takenBack, second.phase.name], [A, [B, C], 'failed']);
    const third = after(second, order(B), INPUTS.reverted, wanted);
    assert.deepEqual([third.holds, third.takenBack], [B, [A, C]], 'what a person goes to does not stay away');
  });

  it('law 5: an order to go back to the baseline is followed all the same: there is nothing before it', () => {
    const back = after(slot, order(A), INPUTS.reverted, order(OLD), INPUTS.reverted, order(A), INPUTS.reverted);
    assert.deepEqual([back.holds, back.takenBack.includes(OLD)], [A, true]);
    const ordered = after(back, assigned(generation + 20, { artifact: null, lastKnownGood: null }), INPUTS.reverted);
    assert.deepEqual([ordered.phase.name, ordered.holds], ['settled', OLD]);
  });

  for (const phase of [
    'preparing',
    'applying',
    'provisional',
    'reverting',
    'stuck',
  ] as const satisfies readonly PhaseName[]) {
    it(`${phase}: goes where the person says, not where it was going`, () => {
      const move = { to: D, from: C, rollout: 'shop-99', generation: generation + 10 };
      const busy = after(slot, assigned(generation + 10, { artifact: D, rollout: 'shop-99', lastKnownGood: C }));
      const phases = {
        preparing: busy,
        applying: { ...busy, phase: { name: 'applying', move, until: NOW } },
        provisional: { ...busy, phase: { name: 'provisional', move, until: NOW } },
        reverting: { ...busy, phase: { name: 'reverting', revert: { to: C, leaving: D, attempt: 1 }, until: NOW } },
        stuck: { ...busy, phase: { name: 'stuck', revert: { to: C, leaving: D, attempt: 2 }, says: '', until: NOW } },
      } as const satisfies Partial<Record<PhaseName, Slot>>;
      const back = after(phases[phase], order(A));
      const leaving = phase === 'preparing' ? C : D;
      assert.deepEqual(back.phase.name === 'reverting' && back.phase.revert, { to: A, leaving, attempt: 1 });
      assert.deepEqual([...back.takenBack].sort(), [C, D]);
    });
  }

  it('law 18: what had failed here is not tried again after a person went back from something else', () => {
    const at = generation + 10;
    const tried = after(
      slot,
      assigned(at, { artifact: D, rollout: 'shop-99', lastKnownGood: C }),
      { kind: 'prepared', found: C, attributes: {} },
      INPUTS.applied,
      INPUTS.verified,
      INPUTS.checkFailed,
      INPUTS.reverted,
    );
    assert.deepEqual([tried.phase.name, tried.holds, tried.failure?.artifact], ['failed', C, D]);
    const back = after(tried, order(null), INPUTS.reverted);
    assert.deepEqual([back.holds, back.failure?.code, [...back.takenBack].sort()], [B, 'taken-back', [C, D]]);
    const again = after(back, assigned(at + 1, { artifact: D, rollout: 'shop-99', lastKnownGood: C }));
    assert.deepEqual([again.phase.name, again.holds], ['failed', B]);
  });

  it('a person who starts the agent anew lets it try again what it had given up', () => {
    const behind: Slot = {
      ...CALM,
      assignment: assigned(8, { artifact: null, lastKnownGood: NEW }).assignment,
      failure: { artifact: NEW, rollout: null, code: 'check-failed', says: 'sick' },
      tried: { artifact: NEW, times: 10 },
      phase: { name: 'failed', until: null },
    };
    const again = assigned(8, { artifact: null, lastKnownGood: NEW });
    const given = { name: 'failed', until: null };
    assert.deepEqual(after(behind, again).phase, given, 'ten times are enough');
    assert.deepEqual(after(behind, { kind: 'started', after: 'crash' }, again).phase, given, 'a crash is no order');
    assert.equal(after(behind, { kind: 'started', after: 'stop' }, again).phase.name, 'preparing');
    assert.equal(after(behind, assigned(9, { artifact: OTHER, rollout: 'shop-2' })).phase.name, 'preparing');
  });
});

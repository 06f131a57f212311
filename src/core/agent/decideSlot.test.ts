import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Digest } from '../kernel/digest.ts';
import {
  AT,
  after,
  assigned,
  CALLED,
  CALM,
  CONFIRMED,
  digest,
  IN,
  INPUTS,
  LATER,
  LIMITS,
  MOVE,
  NEW,
  NOW,
  OLD,
  OTHER,
  outcome,
  step,
} from './fixtures.ts';
import { PREPARE_ATTEMPTS } from './preparingSteps.ts';
import { contentsToKeep, KEPT_CONFIRMED, type PhaseName, type Slot } from './slot.ts';
import type { InputKind } from './slotInput.ts';

// What each input leads to: the phase, and after a colon the effect. A dot: nothing at all. `=`: the same phase.
// biome-ignore format: a table
const EXPECTED: { readonly [I in InputKind]: { readonly [P in PhaseName]: string } } = {
  started:         { settled: '=:inspect', preparing: 'settled:inspect', applying: 'reverting:revert', verifying: 'reverting:revert', checking: 'reverting:revert', provisional: 'reverting:revert', watching: '=:inspect', reverting: '=:revert', stuck: 'reverting:revert', failed: '=:inspect' },
  stopping:        { settled: '=', preparing: 'settled:tidy', applying: 'reverting:revert', verifying: 'reverting:revert', checking: 'reverting:revert', provisional: 'reverting:revert', watching: '=', reverting: '=', stuck: '=', failed: '=' },
  assigned:        { settled: 'preparing:prepare', preparing: '=:prepare', applying: 'reverting:revert', verifying: 'reverting:revert', checking: 'reverting:revert', provisional: 'reverting:revert', watching: 'reverting:revert', reverting: '=', stuck: '=', failed: 'preparing:prepare' },
  confirmed:       { settled: '.', preparing: '.', applying: '.', verifying: '.', checking: '.', provisional: 'watching', watching: '.', reverting: '.', stuck: '.', failed: '.' },
  revertOrdered:   { settled: '.', preparing: 'failed:tidy', applying: 'reverting:revert', verifying: 'reverting:revert', checking: 'reverting:revert', provisional: 'reverting:revert', watching: 'reverting:revert', reverting: '=', stuck: '=', failed: '.' },
  contactLost:     { settled: '=', preparing: '=', applying: '=', verifying: '=', checking: '=', provisional: '=', watching: '=', reverting: '=', stuck: '=', failed: '=' },
  contactRegained: { settled: '.', preparing: '.', applying: '.', verifying: '.', checking: '.', provisional: '.', watching: '.', reverting: '.', stuck: '.', failed: '.' },
  inspected:       { settled: '=', preparing: '.', applying: '.', verifying: '.', checking: '.', provisional: '.', watching: '=', reverting: '.', stuck: '.', failed: '=' },
  prepared:        { settled: '.', preparing: 'applying:apply', applying: '.', verifying: '.', checking: '.', provisional: '.', watching: '.', reverting: '.', stuck: '.', failed: '.' },
  prepareFailed:   { settled: '.', preparing: 'failed:tidy', applying: '.', verifying: '.', checking: '.', provisional: '.', watching: '.', reverting: '.', stuck: '.', failed: '.' },
  applied:         { settled: '.', preparing: '.', applying: 'verifying:verify', verifying: '.', checking: '.', provisional: '.', watching: '.', reverting: '.', stuck: '.', failed: '.' },
  applyFailed:     { settled: '.', preparing: '.', applying: 'reverting:revert', verifying: '.', checking: '.', provisional: '.', watching: '.', reverting: '.', stuck: '.', failed: '.' },
  verified:        { settled: '.', preparing: '.', applying: '.', verifying: 'checking:check', checking: '.', provisional: '.', watching: '.', reverting: '.', stuck: '.', failed: '.' },
  verifyFailed:    { settled: '.', preparing: '.', applying: '.', verifying: 'reverting:revert', checking: '.', provisional: '.', watching: '.', reverting: '.', stuck: '.', failed: '.' },
  checksPassed:    { settled: '.', preparing: '.', applying: '.', verifying: '.', checking: 'provisional', provisional: '.', watching: '.', reverting: '.', stuck: '.', failed: '.' },
  checkFailed:     { settled: '.', preparing: '.', applying: '.', verifying: '.', checking: 'reverting:revert', provisional: 'reverting:revert', watching: 'reverting:revert', reverting: '.', stuck: '.', failed: '.' },
  struck:          { settled: '.', preparing: '.', applying: '.', verifying: '.', checking: '.', provisional: '=', watching: '=', reverting: '.', stuck: '.', failed: '.' },
  setFailed:       { settled: '.', preparing: 'failed:tidy', applying: 'reverting:revert', verifying: 'reverting:revert', checking: 'reverting:revert', provisional: 'reverting:revert', watching: 'reverting:revert', reverting: '.', stuck: '.', failed: '.' },
  reverted:        { settled: '.', preparing: '.', applying: '.', verifying: '.', checking: '.', provisional: '.', watching: '.', reverting: 'failed:tidy', stuck: '.', failed: '.' },
  revertFailed:    { settled: '.', preparing: '.', applying: '.', verifying: '.', checking: '.', provisional: '.', watching: '.', reverting: '=:revert', stuck: '.', failed: '.' },
  journalFailed:   { settled: '.', preparing: 'failed:tidy', applying: '.', verifying: '.', checking: '.', provisional: '.', watching: 'reverting:revert', reverting: '.', stuck: '.', failed: '.' },
  tick:            { settled: '.', preparing: '.', applying: '.', verifying: '.', checking: '.', provisional: '.', watching: '.', reverting: '.', stuck: '.', failed: '.' },
};

/** What a tick does once `until` has passed. */
const EXPIRED: Partial<Record<PhaseName, string>> = {
  applying: 'reverting:revert',
  verifying: 'reverting:revert',
  checking: 'reverting:revert',
  provisional: 'reverting:revert',
  watching: 'settled:tidy',
  reverting: '=:revert',
  stuck: 'reverting:revert',
};

describe('a slot: every phase, every input', () => {
  for (const [kind, row] of Object.entries(EXPECTED)) {
    it(kind, () => {
      const found = Object.fromEntries(
        Object.keys(row).map((phase) => [phase, outcome(IN[phase as PhaseName], INPUTS[kind as InputKind])]),
      );
      assert.deepEqual(found, row);
    });
  }

  it('law 9: time that has passed ends every phase that waits', () => {
    for (const phase of Object.keys(IN) as PhaseName[]) {
      assert.equal(outcome(IN[phase], INPUTS.tick, { ...AT, now: LATER }), EXPIRED[phase] ?? '.', phase);
    }
  });
});

describe('a slot goes forward', () => {
  it('law 5: takes its baseline, and keeps it, before it applies for the first time', () => {
    const untouched: Slot = {
      ...CALLED,
      baseline: null,
      phase: { name: 'preparing', move: MOVE, attempt: 1, until: null },
    };
    const { slot, decision } = step(untouched, { kind: 'prepared', found: OTHER, attributes: { mode: 0o600 } });
    assert.deepEqual(
      decision.events.map(({ type }) => type),
      ['BaselineTaken', 'ApplyStarted'],
    );
    assert.deepEqual(slot.baseline, { content: OTHER, attributes: { mode: 0o600 } });
    assert.ok(contentsToKeep(slot).has(OTHER), 'what it goes back to stays on the target');
    assert.equal('move' in slot.phase && slot.phase.move.from, OTHER);
  });

  it('no file at first: the baseline is that there is none', () => {
    const untouched: Slot = {
      ...CALLED,
      baseline: null,
      holds: 'absent',
      wayBack: 'absent',
      phase: { name: 'preparing', move: { ...MOVE, from: 'absent' }, attempt: 1, until: null },
    };
    const slot = after(
      untouched,
      { kind: 'prepared', found: 'absent', attributes: {} },
      INPUTS.applied,
      INPUTS.verified,
      INPUTS.checkFailed,
    );
    assert.deepEqual(slot.phase.name === 'reverting' && slot.phase.revert, { to: 'absent', leaving: NEW, attempt: 1 });
  });

  it('changes nothing where somebody else has changed it', () => {
    const slot = after(IN.preparing, { kind: 'prepared', found: OTHER, attributes: {} });
    assert.equal(slot.phase.name, 'failed');
    assert.equal(slot.failure?.code, 'drifted');
  });

  it('nothing to do where the bytes are there already', () => {
    const untouched: Slot = {
      ...CALLED,
      baseline: null,
      phase: { name: 'preparing', move: MOVE, attempt: 1, until: null },
    };
    const slot = after(untouched, { kind: 'prepared', found: NEW, attributes: {} });
    assert.deepEqual([slot.phase.name, slot.holds, slot.baseline?.content], ['settled', NEW, NEW]);
  });

  it('applies nothing while no confirmation could come, and goes on when it could', () => {
    const cutOff = after(IN.preparing, INPUTS.contactLost, INPUTS.prepared);
    assert.equal(cutOff.phase.name, 'preparing');
    assert.equal(outcome(cutOff, INPUTS.contactRegained), '=:prepare');
  });

  const UNREACHABLE = {
    kind: 'prepareFailed',
    code: 'prepare-failed',
    says: 'no such artifact',
    passing: true,
  } as const;

  it('cut off, it asks for an artifact again, later each time, and never counts it as failed', () => {
    let slot = after(IN.preparing, INPUTS.contactLost);
    for (const waited of [100, 200, 400, 800, 1000, 1000, 1000]) {
      slot = after(slot, UNREACHABLE);
      assert.equal(slot.phase.name === 'preparing' && slot.phase.until, NOW + waited);
      slot = step(slot, INPUTS.tick, { ...AT, now: NOW + waited }).slot;
    }
    assert.equal(slot.failure, null);
    assert.equal(outcome(slot, INPUTS.contactRegained), '=:prepare', 'and at once when the server is there again');
  });

  it('an artifact that a server which is there does not give is a failure after a few tries', () => {
    let slot = IN.preparing;
    for (let tries = 1; tries < PREPARE_ATTEMPTS; tries++) {
      slot = step(after(slot, UNREACHABLE), INPUTS.tick, { ...AT, now: NOW + 1_000 }).slot;
      assert.equal(slot.phase.name, 'preparing');
    }
    slot = after(slot, UNREACHABLE);
    assert.deepEqual(
      [slot.phase.name, slot.failure?.code, slot.failure?.says],
      ['failed', 'prepare-failed', 'no such artifact'],
    );
  });

  it('a last known good that it lacks is tried for as long as it is wanted: nobody would order it again', () => {
    let slot: Slot = {
      ...IN.preparing,
      phase: { name: 'preparing', move: { ...MOVE, rollout: null }, attempt: 1, until: null },
    };
    for (let tries = 1; tries < 3 * PREPARE_ATTEMPTS; tries++) {
      slot = step(after(slot, INPUTS.prepareFailed), INPUTS.tick, { ...AT, now: NOW + 1_000 }).slot;
      assert.deepEqual([slot.phase.name, slot.failure], ['preparing', null]);
    }
    assert.equal(after(slot, INPUTS.prepared).phase.name, 'applying', 'and taken once it can be');
  });

  // biome-ignore format: a table
  const CONFIRMATIONS: readonly (readonly [artifact: Digest | null, generation: number, confirms: boolean, why: string])[] = [
    [NEW, 7, true, 'the one it waits for'],
    [NEW, 9, true, 'of a later generation: another wave was opened meanwhile'],
    [NEW, 6, false, 'of before it was asked for: the same bytes in an earlier rollout'],
    [OLD, 7, false, 'of other bytes'],
    [null, 7, false, 'of the baseline'],
  ];
  for (const [artifact, generation, confirms, why] of CONFIRMATIONS) {
    it(`law 9: a confirmation ${why} ${confirms ? 'confirms' : 'does not'}`, () => {
      const slot = after(IN.provisional, { kind: 'confirmed', artifact, generation });
      assert.equal(slot.phase.name, confirms ? 'watching' : 'provisional');
    });
  }

  it('law 9: a server cannot ask for longer than the agent allows', () => {
    const slot = after({ ...IN.checking, confirmWithinMs: 4_000_000_000 }, INPUTS.checksPassed);
    assert.equal(slot.phase.name === 'provisional' && slot.phase.until, NOW + LIMITS.provisionalAtMostMs);
  });

  it('law 8: keeps the last three that were confirmed, and the baseline', () => {
    const letters = ['3', '4', '5', '6', '7'];
    let slot = CALM;
    letters.forEach((letter, index) => {
      const artifact = digest(letter);
      const generation = 10 + 2 * index;
      slot = after(
        slot,
        assigned(generation, { artifact, rollout: `shop-${index}`, lastKnownGood: slot.confirmed.at(-1) ?? null }),
      );
      slot = after(
        slot,
        { kind: 'prepared', found: slot.holds ?? 'absent', attributes: {} },
        INPUTS.applied,
        INPUTS.verified,
        INPUTS.checksPassed,
      );
      slot = after(
        slot,
        { kind: 'confirmed', artifact, generation },
        assigned(generation + 1, { artifact: null, lastKnownGood: artifact }),
      );
    });
    assert.equal(slot.confirmed.length, KEPT_CONFIRMED);
    for (const content of [OLD, ...letters.slice(-3).map(digest)]) assert.ok(contentsToKeep(slot).has(content));
    assert.ok(!contentsToKeep(slot).has(digest('3')));
  });
});

describe('a slot goes back', () => {
  it('law 18: does not try again what failed here, until another rollout asks for it', () => {
    const { failed } = IN;
    assert.equal(outcome(failed, assigned(8)), '=:tidy', 'the same rollout, one wave on');
    assert.equal(outcome(failed, assigned(9, { rollout: 'shop-2' })), 'preparing:prepare', 'another rollout');
    assert.equal(outcome(failed, assigned(9, { artifact: OTHER })), 'preparing:prepare', 'other bytes');
  });

  it('law 18: a last known good that failed here outside a rollout is tried again, after twice as long a pause each time', () => {
    const wanted = assigned(8, { artifact: null, lastKnownGood: NEW });
    let slot = after(CALM, wanted);
    let now = NOW;
    for (const pause of [10_000, 20_000, 40_000, 40_000]) {
      slot = after(slot, INPUTS.prepared, INPUTS.applied, INPUTS.verified, INPUTS.checkFailed);
      slot = step(slot, INPUTS.reverted, { ...AT, now }).slot;
      assert.deepEqual(slot.phase, { name: 'failed', until: now + pause });
      assert.equal(outcome(slot, wanted, { ...AT, now: now + 1 }), '.', 'hearing of it again changes nothing');
      assert.equal(outcome(slot, INPUTS.tick, { ...AT, now: now + pause - 1 }), '.', 'nor does time, before its time');
      now += pause;
      slot = step(slot, INPUTS.tick, { ...AT, now }).slot;
      assert.deepEqual(
        [slot.phase.name, slot.failure?.code],
        ['preparing', 'check-failed'],
        'the report still says why',
      );
    }
    const held = after(slot, INPUTS.prepared, INPUTS.applied, INPUTS.verified, INPUTS.checksPassed, {
      kind: 'confirmed',
      artifact: NEW,
      generation: 8,
    });
    assert.deepEqual([held.phase.name, held.holds, held.failure], ['watching', NEW, null]);
  });

  it('what a person took back is not tried again by itself, last known good or not', () => {
    const good = after(CALM, assigned(8, { artifact: null, lastKnownGood: NEW }));
    const taken = after(good, INPUTS.prepared, INPUTS.applied, INPUTS.revertOrdered, INPUTS.reverted);
    assert.deepEqual([taken.phase, taken.failure?.code], [{ name: 'failed', until: null }, 'taken-back']);
  });

  it('says why it went back, and that it is where it should be once the server agrees', () => {
    const back = after(IN.provisional, INPUTS.checkFailed, INPUTS.reverted);
    assert.deepEqual([back.phase.name, back.holds, back.failure?.code], ['failed', OLD, 'check-failed']);
    const agreed = after(back, assigned(8, { artifact: null }));
    assert.deepEqual([agreed.phase.name, agreed.failure?.artifact], ['settled', NEW]);
  });

  it('law 5: a rollback is not provisional, asks no check and no server', () => {
    const { slot, decision } = step({ ...CONFIRMED, contact: false }, assigned(8, { artifact: null }));
    assert.deepEqual(decision.effect, { do: 'revert', revert: { to: OLD, leaving: NEW, attempt: 1 } });
    const back = after(slot, INPUTS.checkFailed, INPUTS.reverted);
    assert.deepEqual([back.phase.name, back.holds, back.proven, back.confirmed], ['settled', OLD, true, []]);
  });

  it('law 6: forward, back and forward again in one rollout: being ordered back is no failure', () => {
    const rehearsed = after(CONFIRMED, assigned(8, { ring: 'nobody' }), INPUTS.reverted);
    assert.deepEqual([rehearsed.phase.name, rehearsed.holds, rehearsed.failure], ['settled', OLD, null]);
    assert.equal(outcome(rehearsed, assigned(9)), 'preparing:prepare');
  });

  it('law 7: twice at once, then again and again with pauses, and says that it is stuck', () => {
    const once = after(IN.reverting, INPUTS.revertFailed);
    assert.equal(once.phase.name === 'reverting' && once.phase.revert.attempt, 2);
    const twice = after(once, INPUTS.revertFailed);
    assert.equal(twice.phase.name === 'stuck' && twice.phase.until, NOW + 100);
    const thrice = after(step(twice, INPUTS.tick, { ...AT, now: NOW + 100 }).slot, INPUTS.revertFailed);
    assert.equal(thrice.phase.name === 'stuck' && thrice.phase.until, NOW + 200);
    assert.equal(
      after(step(thrice, INPUTS.tick, { ...AT, now: NOW + 200 }).slot, INPUTS.reverted).phase.name,
      'failed',
    );
  });

  it('stuck: takes another proven revision that the server wants meanwhile', () => {
    const stuck: Slot = { ...IN.stuck, confirmed: [OTHER] };
    const { decision } = step(stuck, assigned(8, { artifact: null, lastKnownGood: OTHER }));
    assert.deepEqual(decision.effect, { do: 'revert', revert: { to: OTHER, leaving: NEW, attempt: 1 } });
  });

  it('leaves what was never proven before it takes anything new', () => {
    const { decision } = step(CONFIRMED, assigned(8, { artifact: OTHER, rollout: 'shop-2' }));
    assert.deepEqual(decision.effect, { do: 'revert', revert: { to: OLD, leaving: NEW, attempt: 1 } });
    const proven = after(CONFIRMED, assigned(8, { artifact: null, lastKnownGood: NEW }));
    assert.equal(
      outcome(proven, assigned(9, { artifact: OTHER, rollout: 'shop-2', lastKnownGood: NEW })),
      'preparing:prepare',
    );
  });

  it('a target that missed rollouts catches up provisionally', () => {
    const { slot, decision } = step(CALM, assigned(8, { artifact: null, lastKnownGood: OTHER }));
    assert.equal(slot.phase.name, 'preparing');
    assert.equal(decision.effect?.do === 'prepare' && decision.effect.move.to, OTHER);
  });

  // biome-ignore format: a table
  const INTERRUPTED: readonly (readonly [PhaseName, back: boolean, why: string])[] = [
    ['preparing', false, 'nothing was changed'],
    ['applying', true, 'it may be half done'],
    ['verifying', true, 'it is not confirmed'],
    ['checking', true, 'it is not confirmed'],
    ['provisional', true, 'its confirmation did not come while there was an agent'],
    ['watching', false, 'it was confirmed'],
  ];
  for (const [phase, back, why] of INTERRUPTED) {
    it(`law 9: started again while ${phase}, it ${back ? 'goes back and says so' : 'stays'}: ${why}`, () => {
      const slot = after(IN[phase], INPUTS.started);
      assert.equal(slot.phase.name === 'reverting', back);
      assert.equal(slot.failure?.code, back ? 'interrupted' : undefined);
    });
  }
});

describe('law 23: a slot refuses what is not for it', () => {
  // biome-ignore format: a table
  const REFUSED: readonly (readonly [why: string, input: ReturnType<typeof assigned>, says: RegExp])[] = [
    ['another service', assigned(8, { service: 'till' }), /is for till\/web\/config\/shop, this is shop\/web/],
    ['another role', assigned(8, { role: 'api' }), /is for shop\/api\/config\/shop, this is shop\/web/],
    ['another slot', assigned(8, { slot: 'config/till' }), /is for shop\/web\/config\/till/],
    ['something else under a generation it knows', assigned(7, { artifact: OTHER }), /generation 7 came twice/],
  ];
  for (const [why, input, says] of REFUSED) {
    it(`an assignment of ${why}`, () => {
      const slot = after(CALM, input);
      assert.match(slot.refused ?? '', says);
      assert.deepEqual({ ...slot, refused: null }, CALM);
      assert.equal(after(slot, assigned(8, { artifact: null })).refused, null, 'until one comes that is');
    });
  }

  it('an older generation is late: ignored, in every phase', () => {
    for (const slot of Object.values(IN)) assert.deepEqual(after(slot, assigned(6, { artifact: OTHER })), slot);
  });

  it('a document that opens other rings only leaves it where it is', () => {
    assert.equal(outcome(CALM, assigned(8, { ring: 'broad' })), '=:tidy');
    assert.equal(after(CALM, assigned(8, { ring: 'broad' })).holds, OLD);
  });

  it('law 21: what it is told once it does not ask for again', () => {
    const cutOff = after(CALM, INPUTS.contactLost, INPUTS.started);
    assert.deepEqual([cutOff.phase.name, cutOff.holds], ['settled', OLD]);
  });
});

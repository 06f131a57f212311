import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AT,
  after,
  assigned,
  CONFIRMED,
  IN,
  INPUTS,
  LIMITS,
  MOVE,
  NEW,
  NOW,
  OLD,
  OTHER,
  outcome,
  step,
} from './fixtures.ts';
import { contentsToKeep, deadlineOf, type Slot } from './slot.ts';
import type { SlotInput, StartedAfter } from './slotInput.ts';
import { NO_STRIKES } from './trial.ts';

const { quietMs } = LIMITS.trial;
const STARTED = (after: StartedAfter): SlotInput => ({ kind: 'started', after });
const RESTARTED: SlotInput = { kind: 'struck', by: 'restarted', says: 'its process was 8, before 7' };
const SICKENED: SlotInput = { kind: 'struck', by: 'sickened', says: 'check alive: 500' };

const JOURNAL_FULL: SlotInput = { kind: 'journalFailed', code: 'disk-full', says: 'no room' };

/** Confirmed, and the watch is over; what it holds stands trial. */
const TRIED = after(IN.provisional, INPUTS.confirmed);
const SETTLED: Slot = { ...TRIED, phase: { name: 'settled' } };

describe('law 9: what came into force stands trial', () => {
  it('from the moment it is seen to be well, and what it came from stays on the target', () => {
    const slot = after(IN.checking, INPUTS.checksPassed);
    assert.deepEqual(slot.trial, { move: MOVE, strikes: NO_STRIKES, until: NOW + quietMs });
    const baseline = { content: OTHER, attributes: {} };
    assert.ok(contentsToKeep({ ...SETTLED, baseline, wayBack: NEW, proven: true }).has(OLD));
  });

  it('a confirmation begins the quiet time anew, and forgets nothing', () => {
    const struck = after(IN.provisional, RESTARTED);
    const { slot } = step(struck, INPUTS.confirmed, { ...AT, now: NOW + 100 });
    assert.deepEqual(slot.trial, { move: MOVE, strikes: { ...NO_STRIKES, restarted: 1 }, until: NOW + 100 + quietMs });
  });

  // biome-ignore format: a table
  const LOOPS: readonly (readonly [why: string, strikes: readonly SlotInput[], says: RegExp])[] = [
    ['the agent crashes again and again', [STARTED('crash'), STARTED('crash'), STARTED('crash')], /the agent was started 3 times.*it had not been told to end/],
    ['the machine boots again and again', [STARTED('boot'), STARTED('crash'), STARTED('boot')], /the agent was started 3 times, each within 10m .*the machine had been booted/],
    ['starts that were ordered come in between', [STARTED('boot'), STARTED('stop'), STARTED('boot'), STARTED('stop'), STARTED('boot')], /started 3 times/],
    ['the service is started again and again', [RESTARTED, RESTARTED, RESTARTED], /the service was started 3 times.*its process was 8, before 7/],
    ['a check flaps', [SICKENED, SICKENED, SICKENED], /a local check began to fail 3 times.*check alive: 500/],
  ];
  for (const [why, strikes, says] of LOOPS) {
    for (const [name, slot] of Object.entries({
      watched: TRIED,
      settled: SETTLED,
      'failed since': { ...SETTLED, phase: IN.failed.phase },
    })) {
      it(`goes back when ${why}: ${name}`, () => {
        const back = after(slot, ...strikes);
        assert.deepEqual(back.phase.name === 'reverting' && back.phase.revert, { to: OLD, leaving: NEW, attempt: 1 });
        assert.equal(back.failure?.code, 'crash-loop');
        assert.match(back.failure?.says ?? '', says);
        assert.equal(after(slot, ...strikes.slice(0, -1)).phase.name, slot.phase.name, 'once fewer is not enough');
      });
    }
  }

  it('each kind counts by itself: one power cut strikes once each', () => {
    const slot = after(SETTLED, STARTED('boot'), RESTARTED, SICKENED, STARTED('boot'), RESTARTED, SICKENED);
    assert.deepEqual([slot.phase.name, slot.trial?.strikes], ['settled', { started: 2, restarted: 2, sickened: 2 }]);
  });

  it('starts that a person ordered never count', () => {
    const slot = after(SETTLED, ...Array.from({ length: 9 }, () => STARTED('stop')));
    assert.deepEqual([slot.phase.name, slot.trial?.strikes], ['settled', NO_STRIKES]);
  });

  it('has stood when nothing has happened for long enough, and from then on nothing counts', () => {
    const twice = after(SETTLED, STARTED('boot'), STARTED('boot'));
    const at = { ...AT, now: NOW + quietMs };
    assert.equal(outcome(twice, INPUTS.tick, { ...at, now: at.now - 1 }), '.');
    const stood = step(twice, INPUTS.tick, at).slot;
    assert.deepEqual([stood.trial?.until, deadlineOf(stood)], [null, null]);
    assert.equal(after(stood, STARTED('boot'), RESTARTED, RESTARTED, RESTARTED).phase.name, 'settled');
  });

  it('every strike, and every start, begins the quiet time anew: no clock outlives a boot', () => {
    for (const input of [RESTARTED, STARTED('boot'), STARTED('stop')]) {
      const { slot } = step(SETTLED, input, { ...AT, now: NOW + quietMs - 1 });
      assert.equal(slot.trial?.until, NOW + 2 * quietMs - 1, input.kind);
    }
  });

  it('law 21: what finished its whole rollout is not given up for it', () => {
    const good = after(SETTLED, assigned(8, { artifact: null, lastKnownGood: NEW }));
    const struck = after(good, STARTED('boot'), STARTED('boot'), STARTED('boot'), RESTARTED, RESTARTED, RESTARTED);
    assert.deepEqual([struck.phase.name, struck.holds], ['settled', NEW]);
    assert.equal(after(good, JOURNAL_FULL).phase.name, 'settled');
  });

  it('what the service does while it is told to take something up is its own affair', () => {
    for (const phase of ['applying', 'verifying', 'checking', 'reverting', 'stuck'] as const)
      assert.equal(outcome({ ...IN[phase], trial: SETTLED.trial }, RESTARTED), '.', phase);
  });

  it('a new revision is a new trial, and what was gone back from has none', () => {
    const next = after({ ...IN.preparing, trial: SETTLED.trial }, INPUTS.prepared);
    assert.equal(next.trial, null);
    assert.equal(after({ ...CONFIRMED, trial: SETTLED.trial }, assigned(8, { artifact: null })).trial, null);
  });

  it('a start that cannot be written down is the last one: on a full disk it would be counted as the first for ever', () => {
    for (const slot of [SETTLED, TRIED]) {
      const back = after(slot, JOURNAL_FULL);
      assert.deepEqual([back.phase.name, back.failure?.code], ['reverting', 'crash-loop']);
      assert.match(back.failure?.says ?? '', /could not be counted: no room/);
    }
    assert.equal(outcome({ ...SETTLED, trial: null }, JOURNAL_FULL), '.');
  });
});

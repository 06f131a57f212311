import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FAILURE_CODES, type FailureCode } from '../../core/agent/failureCode.ts';
import { type Content, newSlot, type Phase, type Slot } from '../../core/agent/slot.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import type { Leave } from '../../core/policy/permit.ts';
import { readSlotRecord, writeSlotRecord } from './slotRecord.ts';

const digest = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex): Digest => `sha256:${hex}`);
const content: fc.Arbitrary<Content> = fc.oneof(digest, fc.constant('absent' as const));
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const name = fc.constantFrom('config/shop', 'config/till');
const move = fc.record({ to: digest, from: content, rollout: orNull(fc.string()), generation: fc.nat() });
const revert = fc.record({ to: content, leaving: orNull(content), attempt: fc.integer({ min: 1, max: 9 }) });
const until = fc.nat();
const phase: fc.Arbitrary<Phase> = fc.oneof(
  fc.record({ name: fc.constant('settled' as const) }),
  fc.record({ name: fc.constant('failed' as const), until: orNull(until) }),
  fc.record({ name: fc.constant('preparing' as const), move, attempt: fc.nat(9), until: orNull(until) }),
  fc.record({ name: fc.constantFrom('applying' as const, 'verifying' as const, 'checking' as const), move, until }),
  fc.record({ name: fc.constant('provisional' as const), move, until }),
  fc.record({ name: fc.constant('watching' as const), move, until }),
  fc.record({ name: fc.constant('reverting' as const), revert, until }),
  fc.record({ name: fc.constant('stuck' as const), revert, says: fc.string(), until }),
);
const opening = fc.record({
  stage: fc.string(),
  targets: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.array(fc.string())),
  below: fc.constantFrom(0, 0.5, 1),
});
const leave: fc.Arbitrary<Leave> = fc.oneof(
  fc.constant({ granted: true } as const),
  fc.record({
    granted: fc.constant(false as const),
    code: fc.constantFrom('no-permit' as const, 'never-first' as const),
    says: fc.string(),
  }),
);

const slots: fc.Arbitrary<Slot> = fc.record({
  name,
  assignment: orNull(
    fc
      .record({
        service: fc.string(),
        role: fc.string(),
        slot: name,
        generation: fc.nat(),
        lastKnownGood: orNull(digest),
        candidate: orNull(
          fc.record({
            rollout: fc.string(),
            change: digest,
            artifact: digest,
            openings: fc.array(opening, { maxLength: 2 }),
          }),
        ),
      })
      .chain((always) =>
        fc
          .record(
            {
              kept: fc.array(digest, { maxLength: 2 }),
              release: fc.record({
                rollout: fc.string(),
                artifact: digest,
                below: fc.constantFrom(0, 0.5, 1),
                afterMs: fc.nat(),
              }),
            },
            { requiredKeys: [] },
          )
          .map((sometimes) => ({ ...always, ...sometimes })),
      ),
  ),
  confirmWithinMs: fc.nat(),
  leaves: fc.option(fc.record({ candidate: leave, lastKnownGood: leave })),
  earned: fc.array(digest, { maxLength: 3 }),
  takenBack: fc.array(content, { maxLength: 3 }),
  trial: orNull(
    fc.record({
      move,
      strikes: fc.record({ started: fc.nat(9), restarted: fc.nat(9), sickened: fc.nat(9) }),
      until: orNull(until),
    }),
  ),
  tried: orNull(fc.record({ artifact: digest, times: fc.nat(20) })),
  refused: fc.constant(null),
  baseline: orNull(fc.record({ content, attributes: fc.dictionary(fc.constantFrom('mode', 'uid'), fc.nat()) })),
  holds: orNull(content),
  proven: fc.boolean(),
  wayBack: orNull(content),
  confirmed: fc.array(digest, { maxLength: 3 }),
  current: fc.constant(null),
  verifiedBy: fc.constant(''),
  failure: orNull(
    fc.record(
      {
        artifact: digest,
        rollout: orNull(fc.string()),
        code: fc.constantFrom(...(Object.keys(FAILURE_CODES) as FailureCode[])),
        says: fc.string(),
        slot: name,
      },
      { requiredKeys: ['artifact', 'rollout', 'code', 'says'] },
    ),
  ),
  contact: fc.constant(false),
  phase,
});

/** What a restart makes of a phase before anything is decided: its spans are over, and so are its tries. */
function restarted(found: Phase): Phase {
  switch (found.name) {
    case 'preparing':
      return { ...found, attempt: 1, until: null };
    case 'reverting':
    case 'stuck':
      return { name: 'reverting', revert: { ...found.revert, attempt: 1 }, until: 0 };
    case 'settled':
      return found;
    case 'failed':
      return { name: 'failed', until: null };
    default:
      return { ...found, until: 0 };
  }
}

describe('the record of a slot', () => {
  it('reads back as it was written, but for what a restart makes void', () => {
    fc.assert(
      fc.property(slots, (slot) => {
        const read = readSlotRecord(writeSlotRecord(slot));
        assert.ok(read.ok, read.ok ? '' : read.error);
        assert.equal(writeSlotRecord(read.value), writeSlotRecord(slot));
        const trial = slot.trial && { ...slot.trial, until: slot.trial.until === null ? null : 0 };
        // A dictionary of fast-check has no prototype; what is read has one.
        assert.deepEqual(read.value, JSON.parse(JSON.stringify({ ...slot, trial, phase: restarted(slot.phase) })));
      }),
    );
  });

  it('reads what earlier agents wrote: nothing earned, nothing on trial, and one revision taken back at most', () => {
    const { earned: _, trial: __, tried: ___, ...before } = JSON.parse(writeSlotRecord(newSlot('config/shop')));
    for (const [takenBack, expected] of [
      [null, []],
      ['absent', ['absent']],
    ]) {
      const read = readSlotRecord(JSON.stringify({ ...before, takenBack }));
      assert.ok(read.ok, read.ok ? '' : read.error);
      assert.deepEqual(read.value, { ...newSlot('config/shop'), takenBack: expected });
    }
  });

  // biome-ignore format: a table
  const REFUSED: readonly (readonly [text: string, says: RegExp])[] = [
    ['', /it is not JSON/],
    ['null', /./],
    ['[]', /./],
    ['{}', /version/],
    ['{"version":2}', /version 2, this agent knows up to 1; run the newer one/],
    [writeSlotRecord(newSlot('config/shop')).replace('"holds":null', '"holds":"sha256:12"'), /holds/],
    [writeSlotRecord(newSlot('config/shop')).replace('"settled"', '"elsewhere"'), /phase/],
    [writeSlotRecord(newSlot('config/shop')).replace('"proven":true', '"proven":true,"more":1'), /more/],
  ];
  for (const [text, says] of REFUSED) {
    it(`refuses ${text.slice(0, 40)}`, () => {
      const read = readSlotRecord(text);
      assert.ok(!read.ok);
      assert.match(read.error, says);
    });
  }
});

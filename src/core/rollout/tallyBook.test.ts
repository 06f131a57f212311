import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { contributionOf, tallyBasisOf, UNSURE_MS } from './contribution.ts';
import { evolveRollout } from './evolveRollout.ts';
import { CHANGE, digestOf, recorded, rolloutOf, TARGETS } from './fixtures.ts';
import type { Rollout } from './rollout.ts';
import { type SlotStanding, type Standing, tallyOf } from './tally.ts';
import { NAMED_TARGETS, TallyBook } from './tallyBook.ts';

const noGood = () => null;
const GENERATIONS = [0, 1, 7];

const slotStanding: fc.Arbitrary<SlotStanding> = fc
  .record({
    generation: fc.constantFrom(...GENERATIONS),
    phase: fc.constantFrom('settled', 'provisional', 'applying', 'reverting', 'failed'),
    current: fc.constantFrom(null, CHANGE.slots['config/shop'] ?? null, digestOf('b')),
    refused: fc.constantFrom(null, null, 'expired', 'not-signed'),
  })
  .map(({ refused, ...drawn }) => ({
    ...drawn,
    baseline: digestOf('b'),
    failed: null,
    failureCode: drawn.phase === 'failed' ? 'verify-failed' : '',
    failure: '',
    ...(refused === null ? {} : { refusal: { code: refused, says: `${refused} on it` } }),
  }));

/** What may come to be known of one of the targets, relative to the time at which it does. */
const heard = fc.record({
  index: fc.nat(TARGETS.length - 1),
  connected: fc.boolean(),
  slot: fc.option(slotStanding),
  sick: fc.boolean(),
  gone: fc.integer({ min: 0, max: 5 }).map((one) => one === 0),
  elapsed: fc.integer({ min: 0, max: 8_000 }),
});

function rollingBack(): Rollout {
  const data = { id: 'shop-1', code: 'person', says: '', verdicts: [] } as const;
  return evolveRollout(rolloutOf(), recorded(7, 500, { type: 'RollbackOrdered', data }));
}

describe('a tally that is kept', () => {
  it('is the one that is counted from the beginning, whatever is heard and however much time goes by', () => {
    const rollouts = fc.constantFrom(
      rolloutOf(),
      rollingBack(),
      { ...rolloutOf(), absent: new Map([[TARGETS[0]?.uid ?? '', 2]]) },
      { ...rolloutOf(), phase: 'baking' as const, since: 400 },
    );
    fc.assert(
      fc.property(rollouts, fc.array(heard, { maxLength: 60, size: 'max' }), (rollout, story) => {
        const basis = tallyBasisOf(rollout, noGood);
        const book = new TallyBook();
        const known = new Map<string, Standing>();
        let now = 0;
        const count = (uid: string) => {
          const standing = known.get(uid);
          const contribution = standing === undefined ? null : contributionOf(basis, standing, now);
          if (contribution !== null) book.put(uid, contribution);
        };
        for (const { index, connected, slot, sick, gone, elapsed } of story) {
          now += elapsed;
          for (const uid of book.due(now)) count(uid);
          const target = TARGETS[index] ?? assert.fail();
          if (gone) {
            known.delete(target.uid);
            book.takeBack(target.uid);
          } else {
            const slots = slot === null ? null : new Map([['config/shop', slot]]);
            const failingChecks = sick ? ['alive'] : [];
            known.set(target.uid, { target, connected, lostAt: connected ? null : now, slots, failingChecks });
            count(target.uid);
          }
          assert.deepEqual(book.tally, tallyOf(rollout, known.values(), noGood, now));
        }
        for (const later of [UNSURE_MS, UNSURE_MS, 600_000]) {
          now += later;
          for (const uid of book.due(now)) count(uid);
          assert.deepEqual(book.tally, tallyOf(rollout, known.values(), noGood, now));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('names the same targets whatever the order in which they were put in', () => {
    const failing = (name: string, lost: boolean): Standing => ({
      target: { uid: name, name, service: 'shop', role: 'api', labels: { ring: 'canary' } },
      connected: !lost,
      lostAt: lost ? 0 : null,
      slots: null,
      failingChecks: [],
    });
    const names = Array.from({ length: 3 * NAMED_TARGETS }, (_, index) => `t${String(index).padStart(3, '0')}`);
    fc.assert(
      fc.property(fc.shuffledSubarray(names), fc.shuffledSubarray(names), (present, removed) => {
        const basis = tallyBasisOf(rolloutOf(), noGood);
        const book = new TallyBook();
        for (const name of present) {
          const contribution = contributionOf(basis, failing(name, false), 30_000);
          if (contribution !== null) book.put(name, contribution);
        }
        for (const name of removed) book.takeBack(name);
        const left = present.filter((name) => !removed.includes(name)).sort();
        const { failed, failures, notBackNames } = book.tally;
        assert.equal(failed, left.length);
        assert.deepEqual(notBackNames, left.slice(0, NAMED_TARGETS));
        assert.deepEqual(
          failures.map(({ target }) => target),
          left.slice(0, NAMED_TARGETS),
        );
      }),
      { numRuns: 100 },
    );
  });
});

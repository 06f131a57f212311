import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { adaptPace, type Pace, type PaceChange, type PaceSigns, startPace } from './pace.ts';

const BOUNDS = { start: 2, most: 9 };
const pace = (more: Partial<Pace> = {}): Pace => ({
  concurrency: 4,
  says: '',
  at: 0,
  slowedAt: null,
  confirmed: 0,
  failed: 0,
  slow: 0,
  usualMs: 10_000,
  ...more,
});
const signs = (more: Partial<PaceSigns> = {}): PaceSigns => ({
  confirmed: 0,
  failed: 0,
  slow: 0,
  latenciesMs: [],
  agesMs: [],
  ...more,
});
const took = (ms: number) => [ms, ms, ms, ms];

describe('the pace of a rollout', () => {
  const cases: readonly (readonly [Pace, PaceSigns, number, number | null, string])[] = [
    [pace(), signs({ confirmed: 3 }), 60_000, null, 'it waits for a whole round'],
    [pace(), signs({ confirmed: 4, latenciesMs: took(9_000) }), 60_000, 6, 'a round without trouble adds `start`'],
    [pace({ concurrency: 8 }), signs({ confirmed: 8, latenciesMs: took(9_000) }), 60_000, 9, 'never beyond `most`'],
    [pace({ concurrency: 9 }), signs({ confirmed: 9 }), 60_000, null, 'at `most` there is nothing to say'],
    [pace(), signs({ failed: 1 }), 60_000, 2, 'a failure halves it'],
    [pace(), signs({ slow: 1 }), 60_000, 2, 'a target under way beyond its deadline halves it'],
    [pace(), signs({ confirmed: 4, latenciesMs: took(31_000) }), 60_000, 2, 'slow applies halve it'],
    [pace(), signs({ confirmed: 4, latenciesMs: took(29_000) }), 60_000, 6, 'below three times the usual is usual'],
    [pace(), signs({ agesMs: took(31_000) }), 60_000, 2, 'it does not wait for slow applies to end'],
    [
      pace({ slowedAt: 40_000 }),
      signs({ agesMs: took(31_000) }),
      60_000,
      null,
      'what was ordered before it was halved says nothing new',
    ],
    [pace({ slowedAt: 55_000 }), signs({ failed: 1 }), 60_000, null, 'one trouble halves once'],
    [pace({ usualMs: null }), signs({ agesMs: took(90_000) }), 90_000, null, 'nothing is slow before there is a usual'],
    [pace({ usualMs: 20 }), signs({ agesMs: took(1_900) }), 90_000, null, 'spans as short as a look are never slow'],
    [pace({ concurrency: 1 }), signs({ failed: 1 }), 60_000, 1, 'at least one goes on; the trouble is said'],
    [pace({ concurrency: 1 }), signs({ agesMs: took(31_000) }), 60_000, null, 'at one, slowness is no news'],
  ];
  for (const [before, seen, now, expected, why] of cases) {
    it(`law 12: ${why}`, () => assert.equal(adaptPace(before, BOUNDS, seen, now)?.concurrency ?? null, expected));
  }

  it('says why', () => {
    const says = (seen: PaceSigns) => adaptPace(pace(), BOUNDS, seen, 60_000)?.says;
    assert.equal(says(signs({ failed: 2 })), 'halved from 4: 2 targets failed');
    assert.equal(says(signs({ slow: 1 })), 'halved from 4: 1 target under way beyond the deadline');
    assert.equal(says(signs({ agesMs: took(31_000) })), 'halved from 4: an apply takes 31s or more, usual are 10s');
    assert.equal(says(signs({ confirmed: 4, latenciesMs: took(9_000) })), '4 confirmed without trouble, in 9s each');
  });

  it('the first round says what is usual; later ones move it slowly', () => {
    const first = adaptPace(pace({ usualMs: null }), BOUNDS, signs({ confirmed: 4, latenciesMs: took(8_000) }), 1);
    assert.equal(first?.usualMs, 8_000);
    const next = adaptPace(pace({ usualMs: 8_000 }), BOUNDS, signs({ confirmed: 4, latenciesMs: took(12_000) }), 1);
    assert.equal(next?.usualMs, 9_000);
  });

  it('law 12: a stage begins where the pipeline says, or below it where the stage before was slowed down', () => {
    const slowed = { pace: pace({ concurrency: 1, usualMs: 7 }), start: 4 };
    assert.deepEqual([startPace(5, null).concurrency, startPace(5, slowed).concurrency], [5, 1]);
    assert.equal(startPace(5, { pace: pace({ concurrency: 6 }), start: 4 }).concurrency, 5);
    assert.equal(startPace(5, slowed).usualMs, 7, 'what is usual is known');
  });

  it('law 12: whatever is seen, at least one and never more than `most` go at once, and trouble never adds', () => {
    const anySigns = fc.record({
      confirmed: fc.nat(60),
      failed: fc.nat(3),
      slow: fc.nat(3),
      latenciesMs: fc.array(fc.nat(100_000), { maxLength: 9 }),
      agesMs: fc.array(fc.nat(100_000), { maxLength: 9 }),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(anySigns, fc.nat(60_000)), { maxLength: 40 }), (story) => {
        let now = 0;
        let present = after(startPace(BOUNDS.start, null), pace(), now);
        for (const [seen, elapsed] of story) {
          now += elapsed;
          const change = adaptPace(present, BOUNDS, seen, now);
          if (change === null) continue;
          assert.ok(change.concurrency >= 1 && change.concurrency <= BOUNDS.most, `${change.concurrency}`);
          if (change.slower) assert.ok(change.concurrency <= Math.max(1, present.concurrency / 2));
          if (seen.failed > present.failed) assert.ok(change.slower);
          present = after(change, present, now);
        }
      }),
    );
  });

  it('law 12: on a path that becomes ten times slower it comes down to one at a time, and up again when it is mended', () => {
    const paces: number[] = [];
    let present = pace({ concurrency: 8, usualMs: 10_000 });
    let confirmed = 0;
    let now = 0;
    for (let round = 0; round < 40; round++) {
      const tookMs = round < 20 ? 100_000 : 10_000;
      now += tookMs;
      confirmed += present.concurrency;
      const change = adaptPace(present, BOUNDS, signs({ confirmed, latenciesMs: Array(8).fill(tookMs) }), now);
      if (change !== null) present = after(change, present, now);
      paces.push(present.concurrency);
    }
    assert.equal(Math.min(...paces), 1);
    assert.equal(paces.at(-1), BOUNDS.most);
  });
});

function after({ slower, ...change }: PaceChange, before: Pace, at: number): Pace {
  return { ...change, at, slowedAt: slower ? at : before.slowedAt };
}

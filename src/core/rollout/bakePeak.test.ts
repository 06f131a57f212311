import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PeakHours, PeakWindow } from '../policy/peak.ts';
import { WEEKDAYS } from '../policy/peak.ts';
import { assess, decide } from './decisions.ts';
import { after, assessment, pipeline, rolloutOf, stage, verdict } from './fixtures.ts';
import { sayRollout } from './sayRollout.ts';

const PEAK: PeakHours = { from: '18:00', to: '20:00', timeZone: 'UTC', days: WEEKDAYS };
const window = (starts: number, ends: number): PeakWindow => {
  return { starts, ends, local: { starts: `at ${starts}`, ends: `at ${ends}` } };
};
const HOUR = 3_600_000;
const FIRST = window(2 * HOUR, 4 * HOUR);
const peaks = [FIRST, window(26 * HOUR, 28 * HOUR)];

/** Bakes from the beginning on: at least five seconds, with a deadline after a minute. */
function baking() {
  const bake = { minimumMs: 5_000, exposure: { metric: 'requests', atLeast: 100 }, deadlineMs: 60_000, peak: PEAK };
  const through = pipeline({ stages: [stage('canary', { bake }), stage('broad')], heldDeadlineMs: 600_000 });
  return after(rolloutOf(through), [{ type: 'BakeStarted', data: { id: 'shop-1', stage: 0 } }]);
}
const says = (now: number, more = {}) => sayRollout(baking(), assessment({ peaks, ...more }), now);

describe('law 4: a bake that must see a peak', () => {
  it('waits for it with all of its evidence in hand, and is not held for that', () => {
    for (const now of [5_000, 60_000, HOUR, FIRST.starts, FIRST.ends - 1])
      assert.deepEqual(decide(baking(), assess({ peaks }), now).says, [], `${now}`);
  });

  it('passes when it has covered it, and its evidence says which', () => {
    const { says: said, rollout } = decide(baking(), assess({ peaks }), FIRST.ends);
    assert.deepEqual(said, ['StagePassed', 'WaveOpened 1.0']);
    assert.deepEqual(rollout.evidence[0]?.peak, FIRST);
  });

  it('that began in the middle of one waits for the next', () => {
    const late = [window(-HOUR, HOUR), ...peaks];
    assert.deepEqual(decide(baking(), assess({ peaks: late }), HOUR).says, []);
    assert.deepEqual(decide(baking(), assess({ peaks: late }), FIRST.ends).rollout.evidence[0]?.peak, FIRST);
  });

  it('law 22: harm rolls it back while it waits', () => {
    const verdicts = [[verdict('fail'), verdict('pass', { role: 'web' })]];
    assert.deepEqual(decide(baking(), assess({ peaks, verdicts }), HOUR).says, [
      'RollbackOrdered guardrail-failed',
      'DigestQuarantined',
    ]);
  });

  it('has the same time after the peak to gather the rest, and then holds', () => {
    const little = { peaks, exposure: { api: 1, web: 100 } };
    const slack = 55_000;
    assert.deepEqual(decide(baking(), assess(little), HOUR).says, [], 'the deadline of the pipeline is long over');
    assert.deepEqual(decide(baking(), assess(little), FIRST.ends + slack - 1).says, []);
    assert.deepEqual(decide(baking(), assess(little), FIRST.ends + slack).says, ['HoldRaised too-little-exposure']);
  });

  it('fails closed: without a calendar that gives a peak it never passes, and says so when its time is up', () => {
    const nowhere = assess({ peaks: [] });
    assert.deepEqual(decide(baking(), nowhere, 59_999).says, []);
    assert.deepEqual(decide(baking(), nowhere, 60_000).says, ['HoldRaised no-peak']);
    const { peaks: _, ...untold } = assessment();
    assert.deepEqual(decide(baking(), { type: 'assess', assessment: untold }, HOUR).says, ['HoldRaised no-peak']);
  });

  it('says what it waits for, with its time', () => {
    assert.match(
      says(HOUR),
      /^"canary" bakes: 5s of 5s; api 100 of 100 requests, web .*; waits for the peak from at 7200000 until at 14400000$/,
    );
    assert.match(says(3 * HOUR), /; in the peak until at 14400000$/);
    assert.doesNotMatch(says(5 * HOUR), /peak/);
    assert.match(says(HOUR, { peaks: [] }), /waits for a peak \(18:00 to 20:00 UTC\) that the calendar does not give$/);
  });

  const minutes = (count: number) => count * 60_000;
  /** A peak of twenty minutes in every hundred. */
  const often = (since: number) =>
    Array.from({ length: 6 }, (_, index) => {
      const starts = minutes(100 * (Math.floor(since / minutes(100)) + index) + 50);
      return window(starts, starts + minutes(20));
    }).filter(({ ends }) => ends > since);

  it('whatever happens, no stage passes before its bake has covered one; and left alone it always ends', () => {
    const looks = fc.array(fc.tuple(fc.integer({ min: 0, max: minutes(40) }), fc.nat({ max: 150 })), { maxLength: 60 });
    const partly = fc.option(fc.integer({ min: 1, max: minutes(20) }), { nil: undefined });
    fc.assert(
      fc.property(looks, partly, fc.boolean(), (story, atLeastMs, healthy) => {
        const peak = atLeastMs === undefined ? PEAK : { ...PEAK, atLeastMs };
        const bake = {
          minimumMs: minutes(5),
          exposure: { metric: 'requests', atLeast: 100 },
          deadlineMs: minutes(30),
          peak,
        };
        const stages = ['canary', 'pilot', 'broad'].map((name) => stage(name, { bake }));
        let rollout = rolloutOf(pipeline({ stages, heldDeadlineMs: minutes(600) }));
        let now = 0;
        const look = (exposed: number) => {
          const before = rollout;
          const exposure = { api: exposed, web: exposed };
          rollout = decide(rollout, assess({ peaks: often(rollout.since), exposure }), now).rollout;
          const passed = rollout.evidence[before.evidence.length];
          if (passed === undefined) return;
          assert.equal(before.phase, 'baking');
          const seen = passed.peak ?? assert.fail('it says which');
          const covered = Math.min(now, seen.ends) - Math.max(before.since, seen.starts);
          assert.ok(
            covered >= (atLeastMs ?? seen.ends - seen.starts),
            `${covered} of ${seen.starts} from ${before.since}`,
          );
        };
        for (const [elapsed, exposed] of story) {
          now += elapsed;
          look(exposed);
        }
        for (let step = 0; step < 400 && rollout.endedAt === null; step++) {
          now += minutes(5);
          look(healthy ? 100 : 0);
        }
        assert.notEqual(rollout.endedAt, null, `${rollout.phase} ${rollout.holds.join()}`);
        if (healthy) assert.notEqual(rollout.phase, 'rollingBack');
      }),
      { numRuns: 200 },
    );
  });
});

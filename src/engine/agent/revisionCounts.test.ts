import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Digest } from '../../core/kernel/digest.ts';
import type { TargetObservation } from '../ports/fleet.ts';
import type { ExpositionReading } from '../ports/scrape.ts';
import { type InForce, RevisionCounts } from './revisionCounts.ts';

const [OLD, NEW]: readonly [Digest, Digest] = [`sha256:${'0'.repeat(64)}`, `sha256:${'1'.repeat(64)}`];
const WATCHES = { work: { counter: 'requests_total' } };
const NOTHING = { counters: [], gauges: [], histograms: [] };

function reading(series: Readonly<Record<string, number>>, processStart: number | null = null): ExpositionReading {
  const metric = { present: true, series: new Map(Object.entries(series)), problem: '' };
  return { metrics: { work: metric }, exposed: NOTHING, processStart };
}

const inForce = (content: InForce['content'], serial: number) => new Map([['config/shop', { content, serial }]]);

function totalOf([found]: readonly TargetObservation[]): number | undefined {
  return found !== undefined && 'total' in found ? found.total : undefined;
}

/** Totals of one slot, reading after reading. */
function totals(...readings: readonly ExpositionReading[]): readonly (number | undefined)[] {
  const counts = new RevisionCounts(1);
  return readings.map((each) => totalOf(counts.count(each, WATCHES, inForce(OLD, 1), 0)));
}

describe('what a revision has counted', () => {
  it('counts from the first reading on', () => {
    assert.deepEqual(
      totals(reading({ a: 100 }), reading({ a: 107 }), reading({ a: 107 }), reading({ a: 110 })),
      [0, 7, 7, 10],
    );
  });

  it('a counter that falls has begun at 0', () => {
    assert.deepEqual(
      totals(reading({ a: 100 }), reading({ a: 105 }), reading({ a: 2 }), reading({ a: 3 })),
      [0, 5, 7, 8],
    );
  });

  it('one series falls while another grows: the sum alone would not show it', () => {
    assert.deepEqual(totals(reading({ a: 100, b: 0 }), reading({ a: 1, b: 150 })), [0, 151]);
  });

  it('a new series has begun at 0: the first error is an error', () => {
    assert.deepEqual(totals(reading({ a: 100 }), reading({ a: 101, b: 3 })), [0, 4]);
  });

  it('a process that started anew has begun at 0, even where the counter is higher than before', () => {
    assert.deepEqual(totals(reading({ a: 100 }, 5), reading({ a: 120 }, 6), reading({ a: 121 }, 6)), [0, 120, 121]);
  });

  it('a series that is missing once goes on from where it was', () => {
    assert.deepEqual(totals(reading({ a: 100 }), reading({}), reading({ a: 104 })), [0, 0, 4]);
  });

  it('another revision counts anew, in an epoch of its own; so does the same one put in force again', () => {
    const counts = new RevisionCounts(1);
    const seen = [inForce(OLD, 1), inForce(NEW, 2), inForce(NEW, 2), inForce(OLD, 3), inForce(OLD, 4)].map(
      (now, index) => {
        const counted = counts.count(reading({ a: 10 * index }), WATCHES, now, 0);
        return [counted[0]?.artifact, totalOf(counted), counted[0]?.epoch];
      },
    );
    assert.deepEqual(
      seen.map(([artifact, total]) => [artifact, total]),
      [
        [OLD, 0],
        [NEW, 0],
        [NEW, 10],
        [OLD, 0],
        [OLD, 0],
      ],
    );
    assert.equal(new Set(seen.map(([, , epoch]) => epoch)).size, 4);
  });

  it('between two revisions nothing is counted, and nothing of the time between is counted later', () => {
    const counts = new RevisionCounts(1);
    counts.count(reading({ a: 10 }), WATCHES, inForce(OLD, 1), 0);
    assert.deepEqual(counts.count(reading({ a: 50 }), WATCHES, new Map(), 0), []);
    assert.equal(totalOf(counts.count(reading({ a: 60 }), WATCHES, inForce(NEW, 3), 0)), 0);
    assert.equal(totalOf(counts.count(reading({ a: 61 }), WATCHES, inForce(NEW, 3), 0)), 1);
  });

  it('a later start of the agent has later epochs', () => {
    const epoch = (starts: number) =>
      new RevisionCounts(starts).count(reading({}), WATCHES, inForce(OLD, 1), 0)[0]?.epoch ?? 0;
    assert.ok(epoch(2) > epoch(1) && Number.isSafeInteger(epoch(1_000_000)));
  });

  it('no file has no digest', () => {
    assert.equal(new RevisionCounts(1).count(reading({}), WATCHES, inForce('absent', 1), 0)[0]?.artifact, null);
  });

  it('never falls within an epoch, and counts what was added between restarts, whatever happens', () => {
    const event = fc.oneof(
      { weight: 4, arbitrary: fc.record({ add: fc.nat(50), to: fc.constantFrom('a', 'b', 'c') }) },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const counts = new RevisionCounts(1);
        let series: Record<string, number> = {};
        let starts = 0;
        let added = 0;
        const read = () => totalOf(counts.count(reading(series, starts), WATCHES, inForce(OLD, 1), 0));
        assert.equal(read(), 0);
        for (const each of events) {
          if (each === 'restart') {
            series = {};
            starts++;
          } else {
            series = { ...series, [each.to]: (series[each.to] ?? 0) + each.add };
            added += each.add;
          }
          assert.equal(read(), added);
        }
      }),
    );
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Backoff } from './backoff.ts';
import { readRetryAfter, readRetryInfo } from './retryAfter.ts';

test('waits grow with failures up to a bound, and begin anew after a success', () => {
  const backoff = new Backoff(1_000, 10_000, () => 0.5);
  const waits = Array.from({ length: 6 }, () => backoff.next());
  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  backoff.reset();
  assert.equal(backoff.next(), 500);
});

test('a wait is anywhere between nothing and its bound, or, when asked for, between that and half as much again', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.nat(100),
      fc.nat(3_600_000),
      (chance, failures, asked) => {
        const backoff = new Backoff(1_000, 60_000, () => chance);
        for (let failure = 0; failure < failures; failure++) {
          const wait = backoff.next();
          assert.ok(wait >= 0 && wait <= 60_000);
        }
        const wait = backoff.next(asked);
        assert.ok(wait >= asked && wait <= asked * 1.5);
      },
    ),
  );
});

const NOW = Date.parse('2026-01-01T00:00:00Z');
const headers: readonly [header: string | undefined, waitMs: number | null, why: string][] = [
  [undefined, null, 'not said'],
  ['30', 30_000, 'seconds'],
  ['0', 0, 'at once'],
  ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000, 'a date'],
  ['Thu, 01 Jan 2015 00:00:00 GMT', 0, 'a date that has passed'],
  ['999999', 3_600_000, 'longer than is reasonable'],
  ['soon', null, 'nonsense'],
];

for (const [header, waitMs, why] of headers) {
  test(`Retry-After ${header}: ${why}`, () => assert.equal(readRetryAfter(header, NOW), waitMs));
}

test('retry_info is in nanoseconds, and bounded as well', () => {
  assert.equal(readRetryInfo(1_500_000_000n), 1_500);
  assert.equal(readRetryInfo(2n ** 64n - 1n), 3_600_000);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateLimit } from './rateLimit.ts';

test('a burst passes at once, then as many as flow in', () => {
  const limit = new RateLimit(2, 3, 0);
  const admitted = (now: number, tries: number) =>
    Array.from({ length: tries }, () => limit.admits(now)).filter(Boolean).length;
  assert.equal(admitted(0, 5), 3, 'the burst');
  assert.equal(admitted(400, 1), 0, 'not one whole message in 400 ms');
  assert.equal(admitted(500, 1), 1);
  assert.equal(admitted(60_000, 10), 3, 'a long silence saves up no more than the burst');
});

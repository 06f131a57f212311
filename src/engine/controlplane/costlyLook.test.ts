import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CostlyLook } from './costlyLook.ts';

/** Looks that take this long, on a clock that goes on with them. */
function looking(tookMs: number) {
  const time = { now: 0 };
  const looks = new CostlyLook({ now: () => 0, monotonic: () => time.now, after: () => () => {} });
  let count = 0;
  const take = (key: string, standsMs?: number) =>
    looks.take(
      key,
      () => {
        time.now += tookMs;
        return ++count;
      },
      standsMs,
    );
  return { time, take };
}

test('a look that costs nothing is always taken', () => {
  const { take } = looking(0);
  assert.deepEqual([take('a'), take('a'), take('b')], [1, 2, 3]);
});

test('one that takes its time is not taken again for twenty times as long, whatever else is looked at', () => {
  const { time, take } = looking(100);
  assert.deepEqual([take('a'), take('a'), take('b')], [1, 1, 2]);
  time.now = 2_099;
  assert.equal(take('a'), 1);
  time.now = 2_100;
  assert.equal(take('a'), 3);
});

test('an answer stands as long as it is said to', () => {
  const { time, take } = looking(0);
  assert.equal(take('a', 500), 1);
  time.now = 499;
  assert.equal(take('a', 500), 1);
  time.now = 500;
  assert.equal(take('a', 500), 2);
});

test('few answers are kept', () => {
  const { take } = looking(1);
  for (let index = 0; index < 1000; index++) take(`key-${index}`, 1e9);
  assert.equal(take('key-7', 1e9), 8);
  take('one more', 1e9);
  assert.equal(take('key-7', 1e9), 1002);
});

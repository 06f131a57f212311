import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SkippingClock } from '../testing/skippingClock.ts';
import { Bandwidth } from './bandwidth.ts';

test('all who ask share so many bytes a second, each in its turn', async () => {
  const clock = new SkippingClock();
  const bandwidth = new Bandwidth(clock, 1000);
  const began = clock.monotonic();
  const served: string[] = [];
  const download = async (name: string, chunks: number) => {
    for (let chunk = 0; chunk < chunks; chunk++) {
      await bandwidth.take(500);
      served.push(name);
    }
    return clock.monotonic() - began;
  };
  const both = Promise.all([download('a', 4), download('b', 4)]);
  let done = false;
  void both.then(() => {
    done = true;
  });
  while (!done) {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    clock.skip(100);
  }
  const [first, second] = await both;
  // Eight halves of a second's worth: the last goes out when seven have gone.
  assert.ok(Math.max(first, second) >= 3_500, `${first} and ${second}`);
  assert.equal(served.slice(0, 4).filter((name) => name === 'a').length, 2, served.join());
});

test('without a limit nobody waits', async () => {
  const clock = new SkippingClock();
  await new Bandwidth(clock, null).take(1e12);
});

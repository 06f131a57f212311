import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ReportRhythm } from './reportRhythm.ts';

it('a metric is overdue when it is late by its own rhythm', () => {
  const rhythm = new ReportRhythm();
  for (let at = 0; at <= 240_000; at += 1_000) {
    rhythm.reported('one', 'requests', at);
    if (at % 60_000 === 0) rhythm.reported('one', 'latency', at);
  }
  const overdue = (now: number) => rhythm.overdue('one', now, 10_000);
  assert.deepEqual(overdue(250_000), [], 'neither is');
  assert.deepEqual(overdue(261_000), ['requests'], 'two windows, and it comes every second');
  assert.deepEqual(overdue(359_000), ['requests'], 'it comes once a minute');
  assert.deepEqual(overdue(361_000), ['requests', 'latency']);
  rhythm.reported('one', 'requests', 362_000);
  assert.deepEqual(overdue(363_000), ['latency'], 'it is back');
});

it('what came but once is waited for, and what never came too', () => {
  const rhythm = new ReportRhythm();
  rhythm.reported('one', 'requests', 0);
  assert.deepEqual(rhythm.overdue('one', 1e9, 1_000), []);
  assert.deepEqual(rhythm.overdue('two', 1e9, 1_000), []);
});

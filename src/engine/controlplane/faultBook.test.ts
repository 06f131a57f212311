import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Target } from '../../core/topology/target.ts';
import type { TargetReport } from '../ports/fleet.ts';
import { FaultBook } from './faultBook.ts';

const TARGETS = new Map(
  ['one', 'two'].map((uid): [string, Target] => [uid, { uid, name: uid, service: 'shop', role: 'web', labels: {} }]),
);
const checked = (healthy: boolean): TargetReport => ({ slots: [], checks: [{ name: 'alive', healthy, detail: '' }] });
const stopped = (failureCode: string): TargetReport => ({
  checks: [],
  slots: [
    {
      slot: 'config/shop',
      generation: 1,
      phase: 'failed',
      current: null,
      baseline: null,
      failed: null,
      failureCode,
      failure: '',
      verifiedBy: '',
    },
  ],
});
const seen = (book: FaultBook, now: number) => [...book.faults(TARGETS, now)].map(({ target, at }) => [target.uid, at]);

test('a target that turns unhealthy is at fault since then, until it says that it is well', () => {
  const book = new FaultBook();
  assert.ok(book.isEmpty);
  book.reported('one', checked(true), true, 1_000);
  book.reported('one', checked(false), false, 2_000);
  book.reported('one', checked(false), false, 3_000);
  assert.deepEqual(seen(book, 9_000), [['one', 2_000]]);
  book.reported('one', checked(true), false, 10_000);
  assert.deepEqual(seen(book, 10_000), []);
  assert.ok(book.isEmpty);
});

test('what is wrong when a target is first heard of has been so since nobody knows when', () => {
  const book = new FaultBook();
  book.reported('one', checked(false), true, 1_000);
  book.reported('one', checked(false), false, 2_000);
  assert.deepEqual(seen(book, 9_000), [['one', null]]);
});

test('a change that was stopped by checks is a fault for as long as the target says so; other failures are not', () => {
  const book = new FaultBook();
  book.reported('one', stopped('check-failed'), false, 1_000);
  book.reported('two', stopped('apply-failed'), false, 1_000);
  assert.deepEqual(seen(book, 9_000), [['one', 1_000]]);
  const stays = () => [...book.faults(TARGETS, 9_000)].map((fault) => fault.stays);
  assert.deepEqual(stays(), [true]);
  book.reported('one', { ...stopped('check-failed'), ...{ checks: checked(false).checks } }, false, 2_000);
  assert.deepEqual([seen(book, 9_000), stays()], [[['one', 1_000]], [false]], 'it is unhealthy as well, since then');
});

test('one that cannot be heard is at fault since then, once it is not just reconnecting', () => {
  const book = new FaultBook();
  book.lost('one', 1_000);
  assert.deepEqual(seen(book, 20_000), []);
  assert.deepEqual(seen(book, 21_000), [['one', 1_000]]);
  book.found('one');
  assert.deepEqual(seen(book, 22_000), []);
  book.lost('two', 1_000);
  book.reported('two', checked(false), false, 500);
  assert.deepEqual(seen(book, 30_000), [['two', 500]], 'and it is counted once');
  book.forget('two');
  assert.ok(book.isEmpty);
});

test('a target that was retired is nobody any more', () => {
  const book = new FaultBook();
  book.reported('gone', checked(false), false, 1_000);
  assert.deepEqual(seen(book, 9_000), []);
});

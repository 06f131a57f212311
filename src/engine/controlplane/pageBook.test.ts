import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Target } from '../../core/topology/target.ts';
import type { TargetObservations } from '../ports/fleet.ts';
import { PageBook } from './pageBook.ts';

const target = (uid: string): Target => ({ uid, name: `shop-${uid}`, service: 'shop', role: 'web', labels: {} });
const ALL = [target('1'), target('2')];
const unread: TargetObservations = { observations: [], exposedCounters: [], scrapeError: 'GET http://x/metrics: 503' };
const counted = { metric: 'it', slot: 'config/shop', artifact: null, epoch: 1, total: 1, present: true } as const;
const read: TargetObservations = { ...unread, observations: [counted] };

it('a page that nobody can read is a fault, once that has lasted longer than a restart', () => {
  const book = new PageBook();
  book.heard('1', unread, 0);
  book.heard('2', unread, 5_000);
  assert.equal(book.fault(ALL, 19_000), null);
  book.heard('1', unread, 19_000);
  assert.deepEqual(book.fault(ALL, 20_000), {
    code: 'source-error',
    says: 'the metrics page cannot be read on any of its 2 targets (shop-1: GET http://x/metrics: 503)',
  });
  assert.match(book.fault([target('2')], 20_000)?.says ?? '', /on its only target/);
});

it('one that can read it is enough, whatever else is wrong there', () => {
  const book = new PageBook();
  for (const uid of ['1', '2']) book.heard(uid, unread, 0);
  book.heard('2', read, 50_000);
  assert.equal(book.fault(ALL, 60_000), null);
  book.heard('2', unread, 61_000);
  assert.equal(book.fault(ALL, 62_000), null, 'and it is counted anew');
});

it('nobody is nobody', () => {
  const book = new PageBook();
  book.heard('1', unread, 0);
  assert.equal(book.fault([], 60_000), null);
  book.forget('1');
  assert.equal(book.fault([target('1')], 60_000), null);
});

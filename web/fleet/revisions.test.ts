import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChangeBody } from '../../src/wire/http/change.ts';
import type { Holding } from '../live/fleet.ts';
import { revisionsOf } from './revisions.ts';

type Digest = `sha256:${string}`;
const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const change = (name: string, letter: string, service = 'shop'): ChangeBody => ({
  ...{
    digest: digest(letter),
    name,
    service,
    roles: ['web'],
    slots: { config: digest(letter) },
    reason: '',
    author: 'a',
    quarantine: null,
  },
});
const holds = (letter: string | null, isBaseline = false, service = 'shop'): Holding => ({
  service,
  slots: { config: { digest: letter === null ? null : digest(letter), isBaseline } },
});
/** Newest first, as the API has them. */
const CHANGES = [change('green', '2'), change('blue', '1')];
const said = (...holdings: readonly Holding[]) =>
  revisionsOf(holdings, CHANGES).map(({ letter, name }) => `${letter} ${name}`);

const CASES: readonly { holding: Holding; says: string; why: string }[] = [
  { holding: holds('1'), says: 'B blue', why: 'the older change' },
  { holding: holds('2'), says: 'C green', why: 'the newer change' },
  { holding: holds('b', true), says: 'A baseline', why: 'what it held at first' },
  { holding: holds('1', true), says: 'B blue', why: 'what it held at first is a change: that says more' },
  { holding: { service: 'shop', slots: {} }, says: 'A baseline', why: 'nothing was ever assigned' },
  { holding: holds(null), says: '? unknown', why: 'nobody knows what is in force' },
  { holding: { service: 'shop', slots: null }, says: '? unknown', why: 'it has not reported' },
  { holding: holds('9'), says: 'D something else', why: 'somebody changed it by hand' },
  {
    holding: holds('1', false, 'mail'),
    says: 'D something else',
    why: 'the same bytes in another service are another thing',
  },
];
for (const { holding, says, why } of CASES) test(`revision: ${why}`, () => assert.deepEqual(said(holding), [says]));

test('letters do not depend on what else is held', () => {
  assert.deepEqual(said(holds('2'), holds('b', true), holds('1')), ['C green', 'A baseline', 'B blue']);
});

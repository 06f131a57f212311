import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Target } from '../topology/target.ts';
import type { Change } from './change.ts';
import { refuseByLabels } from './refuseByLabels.ts';

const change: Change = {
  digest: `sha256:${'0'.repeat(64)}`,
  name: 'a',
  service: 'shop',
  roles: ['web', 'api'],
  slots: {},
  reason: '',
  author: 'a',
  labels: { 'template/shop': ['zone'] },
};
const target = (name: string, role: string, labels: Target['labels'] = {}): Target => ({
  uid: name,
  name,
  service: 'shop',
  role,
  labels,
});

// biome-ignore format: a table
const CASES: readonly (readonly [why: string, targets: readonly Target[], says: RegExp | null])[] = [
  ['everybody has it', [target('a', 'web', { zone: 'a' })], null],
  ['one lacks it', [target('a', 'web', { zone: 'a' }), target('b', 'web')], /which b does not have/],
  ['of a role that has no such slot', [target('a', 'api')], null],
  ['what every object inherits is no label', [target('a', 'web', Object.create({ zone: 'a' }))], /which a does not have/],
  ['many are counted', Array.from({ length: 8 }, (_, at) => target(`t${at}`, 'web')), /which t0, t1, t2, t3, t4 and 3 more do not have/],
];

for (const [why, targets, says] of CASES) {
  it(`law 16: labels of a template: ${why}`, () => {
    const [refusal, ...more] = refuseByLabels(change, { 'template/shop': ['web'] }, targets);
    assert.equal(more.length, 0);
    if (says === null) assert.equal(refusal, undefined);
    else assert.match(refusal?.says ?? '', says);
  });
}

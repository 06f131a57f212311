import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pipeline, stage } from '../rollout/fixtures.ts';
import { lateCohorts } from './cohorts.ts';
import type { Labels, Target } from './target.ts';

const THREE = pipeline({ stages: [stage('canary'), stage('pilot'), stage('broad')] });

/** `canary eu, broad ap`: a target each, with its ring and its region. */
function fleet(text: string): Target[] {
  return text.split(', ').map((words, index): Target => {
    const [ring = '', region, host] = words.split(' ');
    const labels: Labels = { ring, ...(region === undefined ? {} : { region }), ...(host ? { host } : {}) };
    return { uid: `${index}`, name: `t${index}`, service: 'shop', role: 'web', labels };
  });
}
const say = (found: ReturnType<typeof lateCohorts>) =>
  found.map(({ label, value, targets, stage }) => `${label}=${value} ${targets} ${stage ?? 'never'}`).join(', ');

describe('cohorts that are reached at the very end, or never', () => {
  const table: readonly [string, string, string][] = [
    ['canary eu, pilot eu, broad eu', '', 'every region is in the first stage'],
    ['canary eu, pilot eu, broad eu, broad ap, broad ap', 'region=ap 2 broad', 'one region waits for the end'],
    ['canary eu, pilot ap, broad eu, broad ap', '', 'one that is in the middle is not late'],
    ['canary eu, broad eu, beta eu', 'ring=beta 1 never', 'a ring that no stage selects'],
    ['canary eu, broad eu, beta us, beta us', 'ring=beta 2 never, region=us 2 never', 'the never ones come first'],
    ['canary eu, broad eu, broad', '', 'who has no such label is in no cohort of it'],
    ['canary eu a, broad eu b, broad eu c', '', 'a label that tells all targets apart is a name'],
  ];
  for (const [targets, expected, why] of table) {
    it(why, () => assert.equal(say(lateCohorts(THREE, fleet(targets))), expected));
  }

  it('the only stage is not a late one', () => {
    const one = pipeline({ stages: [stage('canary')] });
    assert.equal(say(lateCohorts(one, fleet('canary eu, canary ap, canary eu'))), '');
  });

  it('a label by which the stages select was put in order on purpose', () => {
    const byRegion = pipeline({
      stages: [stage('first', { targets: { region: ['eu'] } }), stage('last', { targets: { region: ['ap'] } })],
    });
    assert.equal(say(lateCohorts(byRegion, fleet('x eu, x ap, x ap'))), '');
  });
});

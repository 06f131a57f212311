import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inPhase } from '../rollout/decisions.ts';
import { after, rolloutOf, TARGETS } from '../rollout/fixtures.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { rolloutBlast } from './rolloutBlast.ts';
import type { Target } from './target.ts';

/** `2 now, 6 with pilot`. */
function say(rollout: Rollout, targets: readonly Target[] = TARGETS): string {
  const { now, promoted } = rolloutBlast(rollout, targets, null, { dependents: [], dependencies: [] });
  return `${now.targets} now${promoted === null ? '' : `, ${promoted.reach.targets} with ${promoted.stage}`}`;
}
const opened = (...waves: readonly (readonly [stage: number, wave: number, below: number])[]) =>
  after(
    rolloutOf(),
    waves.map(([stage, wave, below]) => ({
      type: 'WaveOpened',
      data: { id: 'shop-1', stage, wave, below, absent: [] },
    })),
  );

describe('who is exposed while a rollout moves', () => {
  const table: readonly [string, Rollout, string][] = [
    ['the first stage is open', inPhase.rolling(), '2 now, 6 with pilot'],
    ['a rehearsal leaves it open: it goes forward again', inPhase.rehearsing(), '2 now, 6 with pilot'],
    [
      'a part of the second stage: what is left of it opens first',
      opened([1, 0, rolloutOf().plan[1]?.waves[0]?.below ?? 0]),
      '3 now, 14 with broad',
    ],
    ['the last stage is open', opened([1, 1, 1], [2, 0, 1]), '14 now'],
    ['it goes back, and nobody has said yet that it is', inPhase.rollingBack(), '2 now'],
    ['everybody is back', inPhase.rolledBack(), '0 now'],
    ['it is done', inPhase.completed(), '2 now'],
  ];
  for (const [why, rollout, expected] of table) it(why, () => assert.equal(say(rollout), expected));

  it('who enrols while it moves is counted in', () => {
    const late = { ...(TARGETS[0] as Target), uid: 'f'.repeat(32), name: 'late' };
    assert.equal(say(inPhase.rolling(), [...TARGETS, late]), '3 now, 7 with pilot');
  });
});

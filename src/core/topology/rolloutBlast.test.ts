import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { inPhase } from '../rollout/decisions.ts';
import { after, pipeline, rolloutOf, stage, TARGETS } from '../rollout/fixtures.ts';
import { planStages } from '../rollout/planStages.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { reachPlanned } from './blastRadius.ts';
import { BlastCount } from './rolloutBlast.ts';
import type { Service } from './service.ts';
import type { Target } from './target.ts';
import { type Reach, trafficShares } from './traffic.ts';

/** `2 now, 6 with pilot`. */
function say(rollout: Rollout, targets: readonly Target[] = TARGETS): string {
  const count = new BlastCount(rollout);
  for (const target of targets) count.add(target, undefined);
  const { now, promoted } = count.blast({ dependents: [], dependencies: [] });
  return `${now.targets} now${promoted === null ? '' : `, ${promoted.reach.targets} with ${promoted.stage}`}`;
}
type OpenedWave = readonly [stage: number, wave: number, below: number];
const waveEvents = (waves: readonly OpenedWave[]) =>
  waves.map(([index, wave, below]) => ({
    type: 'WaveOpened' as const,
    data: { id: 'shop-1', stage: index, wave, below, absent: [] },
  }));
const opened = (...waves: readonly OpenedWave[]) => after(rolloutOf(), waveEvents(waves));

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

  it('what is open now is what was planned as far as it was opened, whatever is known of the traffic', () => {
    const rates = fc.array(fc.option(fc.integer({ min: 0, max: 1000 })), { minLength: 14, maxLength: 14 });
    fc.assert(
      fc.property(fc.nat({ max: 2 }), fc.integer({ min: 1, max: 8 }), rates, (last, first, found) => {
        const waves = [{ count: first }, { share: 1 }];
        const through = pipeline({ stages: ['canary', 'pilot', 'broad'].map((name) => stage(name, { waves })) });
        const known = new Map(TARGETS.flatMap(({ uid }, index) => weighted(uid, found[index] ?? null)));
        const shares = trafficShares({ ...SHOP, traffic: { metric: 'r' } }, TARGETS, known);
        const planned = reachPlanned(through, 'shop-1', planStages(through, 'shop-1', TARGETS), TARGETS, shares);
        const opened = [0, 1, 2].slice(0, last + 1).map((index): readonly [number, number, number] => [index, 1, 1]);
        const count = new BlastCount(after(rolloutOf(through), waveEvents(opened)));
        for (const target of TARGETS) count.add(target, known.get(target.uid));
        const { now, promoted } = count.blast({ dependents: [], dependencies: [] });
        same(now, planned[last]?.reached);
        if (last < 2) same(promoted?.reach, planned[last + 1]?.reached);
        else assert.equal(promoted, null);
      }),
    );
  });
});

const SHOP: Service = { name: 'shop', roles: ['api', 'web'], slots: {}, metrics: {}, dependsOn: [] };
const weighted = (uid: string, rate: number | null): [string, number][] => (rate === null ? [] : [[uid, rate]]);

function same(found: Reach | undefined, expected: Reach | undefined): void {
  assert.deepEqual([found?.targets, found?.share], [expected?.targets, expected?.share]);
  assert.equal(found?.traffic === null, expected?.traffic === null);
  assert.ok(Math.abs((found?.traffic ?? 0) - (expected?.traffic ?? 0)) < 1e-9);
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isOpened } from '../rollout/assignment.ts';
import { pipeline, stage, TARGETS } from '../rollout/fixtures.ts';
import { planStages } from '../rollout/planStages.ts';
import { trafficOpened } from './trafficOpened.ts';

const ROLLOUT = 'shop-1';

test('the traffic that is open is that of the targets which the openings of the same waves reach', () => {
  const share = fc.integer({ min: 0, max: 100 });
  const counts = fc
    .uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 3 })
    .map((all) => all.sort((a, b) => a - b));
  fc.assert(
    fc.property(fc.array(share, { minLength: 14, maxLength: 14 }), counts, counts, (weights, first, second) => {
      const waves = (found: readonly number[]) => [...found.map((count) => ({ count })), { share: 1 }];
      const through = pipeline({
        stages: [stage('pilot', { waves: waves(first) }), { ...stage('rest', { waves: waves(second) }), targets: {} }],
      });
      const plan = planStages(through, ROLLOUT, TARGETS);
      const shareOf = (role: string, uid: string) => {
        const all = TARGETS.reduce((sum, target, index) => sum + (target.role === role ? (weights[index] ?? 0) : 0), 0);
        return all === 0 ? 0 : (weights[TARGETS.findIndex((target) => target.uid === uid)] ?? 0) / all;
      };
      const shares = { shareOf: ({ role, uid }: (typeof TARGETS)[number]) => shareOf(role, uid), unknown: 0 };
      const traffic = trafficOpened(ROLLOUT, through, plan, () => ({ targets: TARGETS, shares }));
      for (const [index, { waves: planned }] of plan.entries()) {
        for (const [wave, { below }] of planned.entries()) {
          const openings = through.stages
            .slice(0, index + 1)
            .map(({ name, targets }, at) => ({ stage: name, targets, below: at < index ? 1 : below }));
          const open = TARGETS.filter((target) => isOpened(ROLLOUT, openings, target));
          const byRole = ['api', 'web'].map((role) =>
            open.filter((each) => each.role === role).reduce((sum, { uid }) => sum + shareOf(role, uid), 0),
          );
          assert.ok(Math.abs((traffic(index, wave) ?? -1) - Math.min(1, Math.max(...byRole))) < 1e-9);
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('what nobody measures is not known, and everybody is looked at once at the most', () => {
  let looks = 0;
  const through = pipeline();
  const plan = planStages(through, ROLLOUT, TARGETS);
  const traffic = trafficOpened(ROLLOUT, through, plan, () => {
    looks++;
    return { targets: TARGETS, shares: null };
  });
  assert.equal(looks, 0);
  assert.deepEqual([traffic(0, 0), traffic(2, 0), looks], [null, null, 1]);
});

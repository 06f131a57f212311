import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Service } from '../topology/service.ts';
import type { Reach } from '../topology/traffic.ts';
import type { PlanStage } from './plan.ts';
import { warningsOf } from './warningsOf.ts';

const SHOP: Service = {
  name: 'shop',
  roles: ['web'],
  slots: {},
  metrics: {},
  dependsOn: [],
  traffic: { metric: 'requests' },
};

/** Stages of one wave or more, each `targets/traffic` in hundredths of the whole. */
function stages(...waves: string[]): Pick<PlanStage, 'name' | 'waves' | 'opens'>[] {
  return waves.map((text, index) => {
    const steps = text.split(' ').map((step): Reach => {
      const [targets = 0, traffic] = step.split('/').map(Number);
      return { targets, share: targets / 100, traffic: traffic === undefined ? null : traffic / 100 };
    });
    const opens = steps[0] ?? { targets: 0, share: 0, traffic: null };
    return {
      name: `s${index}`,
      waves: steps.map((each) => ({ targets: 0, below: 1, opens: each })),
      opens,
    };
  });
}

describe('law 16: what should be read before starting', () => {
  const table: readonly [string, ReturnType<typeof stages>, boolean, RegExp | null][] = [
    ['even steps', stages('4/4', '30/30 30/30', '36/36'), false, null],
    [
      'a few targets with half of the traffic',
      stages('20/10', '40/20', '36/20', '4/50'),
      true,
      /^heavy-step: the one wave of "s3" opens 4 % of the targets \(4\) and 50 % of the traffic at once: these targets take far more/,
    ],
    ['next to nothing that is heavy', stages('1/9', '99/50'), false, null],
    [
      'most of the traffic in one step, unbounded',
      stages('10/10', '30/30 60/60'),
      false,
      /^large-step: wave 2 of 2 of "s1" opens 60 % of the targets \(60\) and 60 % of the traffic at once$/,
    ],
    [
      'most of the traffic in one step, where the pipeline bounds its steps',
      stages('10/10', '30/30 60/60'),
      true,
      null,
    ],
    ['no traffic is known', stages('10', '90'), false, /^traffic-unknown: no target of "shop" says how much/],
  ];
  for (const [why, planned, limited, expected] of table) {
    it(why, () => {
      const says = warningsOf(SHOP, planned, [], 0, limited).map((warning) => `${warning.code}: ${warning.says}`);
      if (expected === null) assert.deepEqual(says, []);
      else assert.match(says.join('\n'), expected);
    });
  }

  it('targets whose traffic is not known are counted, and said', () => {
    const [warning] = warningsOf(SHOP, stages('50/50', '50/50'), [], 3, false);
    assert.match(warning?.says ?? '', /the traffic of 3 targets is not known/);
  });

  it('cohorts are said in words, the first ten of them', () => {
    const cohorts = Array.from({ length: 12 }, (_, index) => {
      return { label: 'region', value: `r${index}`, targets: index + 1, stage: index === 0 ? null : 'broad' };
    });
    const says = warningsOf(SHOP, stages('50/50', '50/50'), cohorts, 0, false).map((warning) => warning.says);
    assert.equal(says.length, 11);
    assert.equal(says[0], 'no stage selects any target of region=r0 (1): they never get this change');
    assert.match(says[1] ?? '', /^all 2 targets of region=r1 are only in the last stage, "broad": nothing is known/);
    assert.equal(says[10], 'and 2 more such groups of targets');
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pipeline, stage } from '../rollout/fixtures.ts';
import type { Service } from '../topology/service.ts';
import type { Pipeline } from './pipeline.ts';
import { refuseBySteps } from './refuseBySteps.ts';

const SHOP: Service = { name: 'shop', roles: ['web'], slots: {}, metrics: {}, dependsOn: [] };
const COUNTED: Service = { ...SHOP, traffic: { metric: 'requests' } };
const LABELLED: Service = { ...SHOP, traffic: { label: 'weight' } };

/** A stage for each text, of one wave or more: `targets/traffic` in hundredths; without traffic it is not known. */
const shown = (...texts: string[]) =>
  texts.map((text, index) => ({
    name: `s${index}`,
    waves: text.split(' ').map((step) => {
      const [targets = 0, traffic] = step.split('/').map(Number);
      const opens = { targets, share: targets / 100, traffic: traffic === undefined ? null : traffic / 100 };
      return { targets, below: 1, opens };
    }),
  }));

const BY_TRAFFIC = pipeline({ stages: [stage('canary', { waves: [{ traffic: 0.1 }, { share: 1 }] })] });
const bounded = (largestStep: NonNullable<Pipeline['largestStep']>) => pipeline({ largestStep });

describe('law 16: the size of a step', () => {
  const table: readonly [string, Pipeline, Service, ReturnType<typeof shown>, RegExp | null][] = [
    ['nothing is bounded', pipeline(), SHOP, shown('1/1', '99/99'), null],
    ['every step is within the bound', bounded({ traffic: 0.5 }), COUNTED, shown('10/10', '40/40 50/50'), null],
    [
      'four of a hundred targets with half of the traffic',
      bounded({ traffic: 0.25 }),
      COUNTED,
      shown('20/10', '76/25 4/50'),
      /^step-too-large: wave 2 of 2 of stage "s1" opens 50 % of the traffic, at most 25 % allowed, at once \(4 targets\)$/,
    ],
    [
      'too many targets, whatever they take',
      bounded({ targets: 0.5 }),
      SHOP,
      shown('10', '90'),
      /^step-too-large: wave 1 of 1 of stage "s1" opens 90 % of the targets, at most 50 % allowed,/,
    ],
    [
      'every such step is said',
      bounded({ targets: 0.3 }),
      SHOP,
      shown('40', '60'),
      /stage "s0".*\nstep-too-large: .*stage "s1"/,
    ],
    [
      'traffic is bounded, and the service does not say from where it is known',
      bounded({ traffic: 0.5 }),
      SHOP,
      shown('50', '50'),
      /^traffic-unknown: pipeline "shop" bounds its steps by traffic, and nobody knows how much traffic any target of "shop" takes$/,
    ],
    [
      'waves are cut by traffic that nobody has heard of',
      BY_TRAFFIC,
      COUNTED,
      shown('50', '50'),
      /^traffic-unknown: pipeline "shop" cuts waves of stage "canary" by traffic/,
    ],
    ['waves are cut by a label that nobody has', BY_TRAFFIC, LABELLED, shown('50', '50'), /^traffic-unknown/],
    ['only targets are bounded, so traffic need not be known', bounded({ targets: 1 }), SHOP, shown('50', '50'), null],
  ];
  for (const [why, through, service, stages, expected] of table) {
    it(why, () => {
      const says = refuseBySteps(through, service, stages).map((refusal) => `${refusal.code}: ${refusal.says}`);
      if (expected === null) assert.deepEqual(says, []);
      else assert.match(says.join('\n'), expected);
    });
  }

  it('what to do about unknown traffic depends on where it should have come from', () => {
    const remedies = [SHOP, COUNTED, LABELLED].map(
      (service) => refuseBySteps(BY_TRAFFIC, service, shown('1'))[0]?.remedy,
    );
    assert.match(remedies[0] ?? '', /^say in service "shop"/);
    assert.match(remedies[1] ?? '', /count metric "requests"/);
    assert.match(remedies[2] ?? '', /give targets the label "weight"/);
  });
});

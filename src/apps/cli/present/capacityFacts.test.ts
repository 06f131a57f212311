import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlanBody } from '../../../wire/http/plan.ts';
import type { RolloutViewBody } from '../../../wire/http/rollout.ts';
import { paint } from '../terminal/styledLine.ts';
import { capacityFacts, stepFacts } from './capacityFacts.ts';
import { type Fact, facts } from './facts.ts';

const shown = (found: readonly Fact[]) => facts([...found], 200).map((line) => paint(line, false));
const DOMAIN = { role: 'api', value: 'b', targets: 12, unavailable: 2, budget: 1, names: ['shop-7', 'shop-19'] };
const PACE = { concurrency: 4, says: 'halved from 8: 1 target failed', at: '2026-03-01T12:00:00.000Z', usualMs: 900 };

function view(phase: string, pace: object | null, tally: object): RolloutViewBody {
  const standing = { slow: 0, slowNames: [], domains: [], ...tally };
  return { rollout: { phase, pace }, tally: standing } as unknown as RolloutViewBody;
}

test('what keeps a rollout from going faster: its pace and why, who is late, which domain is full', () => {
  const slow = { slow: 2, slowNames: ['shop-3', 'shop-4'], domains: [DOMAIN] };
  assert.deepEqual(shown(capacityFacts(view('rolling', PACE, slow))), [
    'pace      at most 4 targets at once: halved from 8: 1 target failed',
    'slow      shop-3 and shop-4',
    'capacity  api in b: 2 of 12 unavailable, at most 1 may be (shop-7 and shop-19)',
  ]);
});

test('a domain with room is not worth a line, nor a full one while nothing moves', () => {
  assert.deepEqual(capacityFacts(view('rolling', null, { domains: [{ ...DOMAIN, unavailable: 0 }] })), []);
  assert.deepEqual(capacityFacts(view('baking', PACE, { domains: [DOMAIN] })), []);
});

test('a plan says the floor and the steps that it makes', () => {
  const stage = (name: string, steps?: object) => ({ name, ...(steps && { steps }) });
  const plan = {
    capacity: { domain: 'zone', unavailable: { share: 0.1 } },
    stages: [
      stage('canary', { expected: 1, concurrency: null }),
      stage('broad', { expected: 12, concurrency: { start: 2, most: 8 } }),
      stage('rest'),
    ],
  } as unknown as PlanBody;
  assert.deepEqual(shown(stepFacts(plan)), [
    'capacity  at most 10% of each role in each zone unavailable at once, both ways',
    'steps     canary: 1 step if all goes well',
    '          broad: 12 steps if all goes well, 2 at once at first, 8 at the most',
  ]);
});

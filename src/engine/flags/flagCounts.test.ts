import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../test/support/manualClock.ts';
import { EMPTY_WORLD } from '../../core/record/evolveWorld.ts';
import type { Service } from '../../core/topology/service.ts';
import { ObservedTotals } from '../controlplane/observedTotals.ts';
import type { Fleet } from '../ports/fleet.ts';
import { FLAG_COUNTERS, FlagCounts } from './flagCounts.ts';

const shop: Service = {
  name: 'shop',
  roles: ['users'],
  slots: { 'flags/checkout': { roles: ['users'], schema: null, maxBytes: 1000 } },
  metrics: { evaluations: { counter: FLAG_COUNTERS.evaluations } },
  dependsOn: [],
  shares: { users: { all: 1 } },
};
const part = { uid: '1'.padStart(32, '0'), name: 'users-all-1', service: 'shop', role: 'users', labels: {} };
const [first, second] = ['sha256:a', 'sha256:b'] as const;

test('however many revisions a part was served, each minute is covered once', async () => {
  const clock = new ManualClock();
  const totals = new ObservedTotals();
  const covered = new Map<string | null, { minutes: number; evaluations: number }>();
  const fleet = {
    observe: (_: string, { observations }: Parameters<Fleet['observe']>[1]) => {
      for (const { under, minutes, figures } of totals.take(observations, clock.monotonic())) {
        const sum = covered.get(under?.artifact ?? null) ?? { minutes: 0, evaluations: 0 };
        const grown = Array.isArray(figures) ? figures.reduce((all: number, each: number) => all + each, 0) : 0;
        covered.set(under?.artifact ?? null, { minutes: sum.minutes + minutes, evaluations: sum.evaluations + grown });
      }
    },
  } as unknown as Fleet;
  const world = { ...EMPTY_WORLD, services: new Map([['shop', shop]]) };
  const counts = new FlagCounts({ controlPlane: { world: () => world, fleet }, clock });
  for (const artifact of [first, second, first]) {
    counts.show(part, new Map([['flags/checkout', artifact]]));
    for (let second = 0; second < 60; second++) {
      counts.count(part, 'flags/checkout', artifact, false);
      await clock.advance(1000);
    }
  }
  counts.show(part, new Map());
  counts.close();
  const minutesOf = (artifact: string) => Math.round((covered.get(artifact)?.minutes ?? 0) * 100) / 100;
  assert.deepEqual([minutesOf(first), minutesOf(second)], [2, 1]);
  assert.deepEqual([covered.get(first)?.evaluations, covered.get(second)?.evaluations], [120, 60]);
});

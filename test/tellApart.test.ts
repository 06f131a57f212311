import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Digest } from '../src/core/kernel/digest.ts';
import { desiredRevision } from '../src/core/rollout/assignment.ts';
import type { Target } from '../src/core/topology/target.ts';
import type { ControlPlane } from '../src/engine/ports/controlPlane.ts';
import type { Store } from '../src/engine/ports/store.ts';
import { ManualClock } from './support/manualClock.ts';
import { openEngine } from './support/openEngine.ts';

/*
 * Law 13 where it is not clear: two rollouts of neighbours came to the same target within a minute. The whole engine on its real store,
 * a clock that the test owns, and targets that do as they are told and are as well as the test says.
 */

const BASELINE: Digest = `sha256:${'b'.repeat(64)}`;
const SLOT = 'config/it';
const TARGETS: readonly Target[] = ['pay', 'shop'].flatMap((service, which) =>
  ['canary', 'broad'].map((ring, index) => ({
    uid: `${which}${index}`.padStart(32, '0'),
    name: `${service}-${ring}`,
    service,
    role: 'api',
    labels: { ring },
  })),
);

/** Targets that at once hold what they are told to hold, and say how well they are. */
class Fleet {
  readonly #plane: ControlPlane;
  readonly #unwell = new Set<string>();

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    plane.fleet.onChange((change) => {
      if (change.kind !== 'assignments') return;
      for (const target of TARGETS) if (target.service === change.service) this.#report(target);
    });
  }

  async connect(): Promise<void> {
    for (const target of TARGETS) {
      assert.ok((await this.#plane.fleet.introduce(target)).ok);
      this.#report(target);
    }
  }

  is(name: string, how: 'well' | 'unwell'): void {
    if (how === 'well') this.#unwell.delete(name);
    else this.#unwell.add(name);
    for (const target of TARGETS) if (target.name === name) this.#report(target);
  }

  #report(target: Target): void {
    const { assignments = [] } = this.#plane.fleet.assignmentsFor(target.uid) ?? {};
    const slots = assignments.map((assignment) => ({
      slot: assignment.slot,
      generation: assignment.generation,
      phase: 'settled' as const,
      current: desiredRevision(assignment, target, BASELINE) ?? BASELINE,
      baseline: BASELINE,
      failed: null,
      failureCode: '',
      failure: '',
      verifiedBy: 'file',
    }));
    const checks = [{ name: 'alive', healthy: !this.#unwell.has(target.name), detail: '' }];
    this.#plane.fleet.report(target.uid, { slots, checks });
  }
}

describe('law 13: what is not clear is found out', () => {
  let directory = '';
  let store: Store;
  let clock: ManualClock;
  let plane: ControlPlane & { close(): Promise<void> };
  let fleet: Fleet;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ringfence-apart-'));
    clock = new ManualClock();
    ({ store, plane } = await openEngine(directory, clock));
    const applied = await plane.apply('token:author', [...service('pay'), ...service('shop', 'pay')]);
    assert.ok(applied.ok, JSON.stringify(applied));
    fleet = new Fleet(plane);
    await fleet.connect();
    for (const name of ['shop', 'pay']) {
      assert.ok((await plane.start('token:operator', `${name}-change`)).ok);
      await clock.advance(55_000);
    }
    fleet.is('shop-canary', 'unwell');
    await clock.advance(5_000);
  });
  afterEach(async () => {
    await plane.close();
    await store.close();
    await rm(directory, { recursive: true });
  });

  const rollout = (id: string) => plane.world().rollouts.get(id);
  const holds = () =>
    ['shop-1', 'pay-1'].map((id) =>
      rollout(id)
        ?.holds.filter((each) => /harm|blamed/.test(each))
        .join(),
    );
  const phases = () => ['shop-1', 'pay-1'].map((id) => rollout(id)?.phase);

  it('both hold; the one that fits best goes back, and the other goes on when all are well', async () => {
    const found = plane.blame();
    assert.ok(found.ok);
    assert.deepEqual(
      found.value.ranked.map(({ rollout, outcome }) => `${rollout} ${outcome}`),
      ['shop-1 contested', 'pay-1 contested'],
    );
    assert.deepEqual(holds(), ['harm-contested', 'harm-contested']);
    await clock.advance(50_000);
    assert.deepEqual(phases(), ['ready', 'ready'], 'for a minute it may become clear by itself');
    await clock.advance(10_000);
    assert.deepEqual(phases(), ['rolledBack', 'ready']);
    assert.equal(rollout('shop-1')?.rollback?.code, 'blamed');
    fleet.is('shop-canary', 'well');
    await clock.advance(2_000);
    assert.deepEqual(holds()[1], '');
    assert.ok((await plane.promote('token:operator', 'pay-1')).ok);
    await clock.advance(60_000);
    assert.equal(rollout('pay-1')?.phase, 'completed');
  });

  it('what is still wrong a minute after it was gone was not its doing: then it is the other one', async () => {
    await clock.advance(62_000);
    assert.deepEqual(phases(), ['rolledBack', 'ready']);
    await clock.advance(50_000);
    assert.deepEqual(phases(), ['rolledBack', 'ready'], 'recovering takes its time');
    await clock.advance(15_000);
    assert.deepEqual(phases(), ['rolledBack', 'rolledBack']);
    assert.equal(rollout('pay-1')?.rollback?.code, 'blamed');
    assert.equal(plane.world().quarantine.size, 0);
  });
});

/** A service with its pipeline, in which a person opens the second stage, and a change. */
function service(name: string, ...dependsOn: readonly string[]): Parameters<ControlPlane['apply']>[1] {
  const stage = (ring: string, promote: 'auto' | 'manual') => ({
    name: ring,
    targets: { ring: [ring] },
    waves: [{ share: 1 }],
    bake: { minimumMs: 1_000, exposure: null, deadlineMs: 3_600_000 },
    applyDeadlineMs: 60_000,
    tolerateFailures: 0,
    promote,
  });
  return [
    {
      kind: 'Service',
      service: {
        name,
        roles: ['api'],
        slots: { [SLOT]: { roles: ['api'], schema: null, maxBytes: 1024 } },
        metrics: {},
        dependsOn,
      },
    },
    {
      kind: 'Pipeline',
      pipeline: {
        name,
        service: name,
        stages: [stage('canary', 'manual'), stage('broad', 'auto')],
        checks: [],
        neighbours: 'tellApart',
        rehearse: false,
        errorBudget: 0.01,
        heldDeadlineMs: 86_400_000,
        pausedDeadlineMs: 86_400_000,
        rollbackDeadlineMs: 600_000,
      },
    },
    {
      kind: 'Change',
      change: {
        name: `${name}-change`,
        service: name,
        roles: [],
        reason: 'to see',
        slots: { [SLOT]: Buffer.from(name) },
      },
    },
  ];
}

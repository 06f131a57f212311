import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { memoryVault } from '../src/adapters/signing/testing/memoryVault.ts';
import type { Digest } from '../src/core/kernel/digest.ts';
import { desiredRevision } from '../src/core/rollout/assignment.ts';
import type { Target } from '../src/core/topology/target.ts';
import { type Store, StoreError } from '../src/engine/ports/store.ts';
import { ManualClock } from './support/manualClock.ts';
import { type OpenEngine, openEngine } from './support/openEngine.ts';
import { BASELINE, change, PIPELINE, SERVICE, settled, TARGETS } from './support/shopInStory.ts';

/*
 * The engine on its real store, through its ports only: what a link tells it of targets, what people ask of it. The targets here
 * are lines of the story that each test tells; real agents are in the tests that start them.
 */

describe('the control plane on its store', () => {
  const vault = memoryVault();
  let directory = '';
  let store: Store;
  let clock: ManualClock;
  let plane: OpenEngine['plane'];
  /** What each target holds; reported on every beat. */
  let held: Map<string, Digest>;
  let requests: Map<string, number>;

  const open = async () => {
    clock ??= new ManualClock();
    ({ store, plane } = await openEngine(directory, clock, vault));
  };
  const close = async () => {
    await plane.close();
    await store.close();
  };

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ringfence-plane-'));
  });
  beforeEach(async () => {
    if (store !== undefined) await close().catch(() => {});
    await rm(directory, { recursive: true });
    clock = new ManualClock();
    held = new Map(TARGETS.map((target) => [target.uid, BASELINE]));
    requests = new Map();
    await open();
    assert.ok(
      (
        await plane.apply('token:t', [
          { kind: 'Service', service: SERVICE },
          { kind: 'Pipeline', pipeline: PIPELINE },
          change('good', { limit: 1 }),
        ])
      ).ok,
    );
    for (const target of TARGETS) assert.ok((await plane.fleet.introduce(target)).ok);
  });
  after(async () => {
    await close();
    await rm(directory, { recursive: true });
  });

  /** One beat: every target takes what it is to hold, reports it, and reports 100 more requests, of which a share failed. */
  async function beat(failing: (target: Target, holds: Digest) => number = () => 0, who = TARGETS): Promise<void> {
    for (const target of who) {
      const [assignment] = plane.fleet.assignmentsFor(target.uid)?.assignments ?? [];
      const desired = assignment === undefined ? BASELINE : (desiredRevision(assignment, target) ?? BASELINE);
      const before = held.get(target.uid);
      held.set(target.uid, desired);
      if (before !== desired) requests.delete(target.uid);
      plane.fleet.report(target.uid, { slots: [settled(desired, assignment?.generation ?? 0)], checks: [] });
      const total = (requests.get(target.uid) ?? 0) + 100;
      requests.set(target.uid, total);
      const counted = {
        slot: 'config/shop',
        artifact: desired,
        epoch: desired === BASELINE ? 0 : (assignment?.generation ?? 0),
        present: true,
      };
      plane.fleet.observe(target.uid, {
        observations: [
          { ...counted, metric: 'requests', total },
          { ...counted, metric: 'failures', total: Math.round(total * failing(target, desired)) },
        ],
        exposedCounters: ['requests_total', 'failures_total'],
        scrapeError: '',
      });
    }
    await clock.advance(1_000);
  }

  async function until(
    done: () => boolean,
    failing?: Parameters<typeof beat>[0],
    who?: readonly Target[],
  ): Promise<void> {
    for (let step = 0; step < 120 && !done(); step++) await beat(failing, who ?? TARGETS);
    assert.ok(done(), JSON.stringify(plane.rolloutView('shop')?.says));
  }

  const phase = (id = 'shop-1') => plane.world().rollouts.get(id)?.phase;
  const holding = (digest: Digest | undefined) =>
    TARGETS.filter((target) => held.get(target.uid) === digest).map((target) => target.labels.ring);

  it('takes a good change through every stage and makes it the last known good', async () => {
    await beat();
    const started = await plane.start('token:t', 'good');
    assert.ok(started.ok, JSON.stringify(started));
    const artifact = started.value.change.slots['config/shop'];
    await until(() => plane.world().rollouts.get('shop-1')?.stage === 1);
    assert.deepEqual(
      plane
        .world()
        .rollouts.get('shop-1')
        ?.evidence[0]?.verdicts.map((one) => one.outcome),
      ['pass', 'pass'],
    );
    await until(() => phase() === 'completed');
    assert.equal(holding(artifact).length, TARGETS.length);
    assert.match(plane.rolloutView('shop-1')?.says ?? '', /last known good/);
  });

  it('catches a bad one in the first stage by what only one role suffers, and the rest never sees it', async () => {
    await plane.apply('token:t', [change('bad', { limit: 2 })]);
    await beat();
    const started = await plane.start('token:t', 'bad');
    assert.ok(started.ok);
    const artifact = started.value.change.slots['config/shop'];
    const seen = new Set<string | undefined>();
    await until(
      () => {
        for (const ring of holding(artifact)) seen.add(ring);
        return phase() === 'rolledBack';
      },
      (target, holds) => (target.role === 'api' && holds === artifact ? 0.3 : 0.001),
    );
    assert.deepEqual([...seen], ['canary']);
    assert.deepEqual(holding(artifact), []);
    const rollout = plane.world().rollouts.get('shop-1');
    assert.equal(rollout?.rollback?.code, 'guardrail-failed');
    assert.match(rollout?.rollback?.says ?? '', /^api: /);
    const again = await plane.start('token:t', 'bad');
    assert.ok(!again.ok && again.error[0]?.code === 'quarantined');
  });

  it('law 6: walks the way back in the first stage before anything is promoted, and dates the proof', async () => {
    await plane.apply('token:t', [{ kind: 'Pipeline', pipeline: { ...PIPELINE, rehearse: true } }]);
    await beat();
    const started = await plane.start('token:t', 'good');
    assert.ok(started.ok);
    const artifact = started.value.change.slots['config/shop'];
    const canary: boolean[] = [];
    await until(() => {
      const holds = holding(artifact).includes('canary');
      if (canary.at(-1) !== holds) canary.push(holds);
      return plane.world().rollouts.get('shop-1')?.stage === 1;
    });
    assert.deepEqual(canary.slice(canary.indexOf(true)), [true, false, true], 'forward, back, forward: on the targets');
    const [evidence] = plane.world().rollouts.get('shop-1')?.evidence ?? [];
    assert.equal(evidence?.rehearsal?.targets, 2);
    assert.ok((evidence?.rehearsal?.provenAt ?? 0) > started.value.startedAt);
    await until(() => phase() === 'completed');
  });

  it('law 4: where the change names the counter of its new path, only that is exposure', async () => {
    const counted = { ...SERVICE, metrics: { ...SERVICE.metrics, fast: { counter: 'fast_path_total' } } };
    const bytes = Buffer.from('{"limit":1,"fast":true}');
    const fast = {
      name: 'fast',
      service: 'shop',
      roles: [],
      slots: { 'config/shop': bytes },
      reason: '',
      newPath: 'fast',
    };
    const applied = await plane.apply('token:t', [
      { kind: 'Service', service: counted },
      { kind: 'Change', change: fast },
    ]);
    assert.ok(applied.ok, JSON.stringify(applied));
    await beat();
    assert.ok((await plane.start('token:t', 'fast')).ok);
    await until(() => phase() === 'baking');
    for (let step = 0; step < 20; step++) await beat();
    assert.equal(phase(), 'baking', 'thousands of requests, and the new path never ran');
    assert.match(plane.rolloutView('shop-1')?.says ?? '', /api 0 of 100 fast/);
    const artifact = plane.world().rollouts.get('shop-1')?.change.slots['config/shop'] ?? null;
    const epoch = plane.world().assignments.get('shop/api/config/shop')?.generation ?? 0;
    for (const target of TARGETS.slice(0, 2)) {
      const ran = (total: number) => ({ metric: 'fast', slot: 'config/shop', artifact, epoch, total, present: true });
      for (const total of [1, 200]) {
        plane.fleet.observe(target.uid, { observations: [ran(total)], exposedCounters: [], scrapeError: '' });
      }
    }
    await until(() => plane.world().rollouts.get('shop-1')?.stage === 1);
  });

  it('law 20: what is durable is all there is: a new process goes on where the old one was killed', async () => {
    await beat();
    await plane.start('token:t', 'good');
    await until(() => phase() === 'baking');
    const world = plane.world();
    // Like a SIGKILL: nothing is closed properly but the lock, which the kernel would free.
    await store.close();
    await open();
    assert.deepEqual(plane.world(), world);
    await until(() => phase() === 'completed');
  });

  it('law 10: a restart does not forgive silence, and does not take it for success', async () => {
    await beat();
    await plane.start('token:t', 'good');
    await clock.advance(1_000);
    await store.close();
    await open();
    assert.equal(plane.rolloutView('shop-1')?.tally.confirmed, 0);
    const others = TARGETS.slice(2);
    for (const target of others) await plane.fleet.introduce(target);
    await until(() => phase() === 'rollingBack', undefined, others);
    assert.equal(plane.world().rollouts.get('shop-1')?.rollback?.code, 'silence');
  });

  it('law 10: who was away when it was opened is not waited for; who came, could take it, and vanished has gone silent', async () => {
    const [away, ...others] = TARGETS;
    assert.ok(away !== undefined);
    await beat();
    plane.fleet.lost(away.uid);
    await clock.advance(30_000);
    assert.ok((await plane.start('token:t', 'good')).ok);
    await until(() => phase() === 'baking', undefined, others);
    assert.deepEqual([...(plane.world().rollouts.get('shop-1')?.absent.keys() ?? [])], [away.uid], 'it is named once');
    assert.equal(plane.rolloutView('shop-1')?.tally.absent, 1);
    assert.ok((await plane.fleet.introduce(away)).ok);
    plane.fleet.lost(away.uid);
    assert.equal(plane.rolloutView('shop-1')?.tally.absent, 0);
    await clock.advance(21_000);
    assert.equal(plane.world().rollouts.get('shop-1')?.rollback?.code, 'silence');
  });

  it('law 9: confirms an apply that is provisional and what was ordered, and nothing else', async () => {
    await beat();
    const started = await plane.start('token:t', 'good');
    assert.ok(started.ok);
    const artifact = started.value.change.slots['config/shop'] ?? BASELINE;
    const told: string[] = [];
    plane.fleet.onChange((one) => told.push(one.kind === 'confirmation' ? one.uid : one.kind));
    const report = (target: Target | undefined, current: Digest) =>
      plane.fleet.report(target?.uid ?? '', {
        slots: [
          {
            slot: 'config/shop',
            generation: 9,
            phase: 'provisional',
            current,
            baseline: BASELINE,
            failed: null,
            failureCode: '',
            failure: '',
            verifiedBy: 'file',
          },
        ],
        checks: [],
      });
    report(TARGETS[0], artifact);
    report(TARGETS[1], `sha256:${'e'.repeat(64)}`);
    report(TARGETS[2], artifact);
    assert.deepEqual(told, [TARGETS[0]?.uid], 'not the wrong bytes, not a stage that is not open');
    assert.deepEqual(plane.fleet.confirmationsFor(TARGETS[0]?.uid ?? ''), [
      { slot: 'config/shop', generation: 9, artifact },
    ]);
  });

  it('a rollback by a person is told at once, before everything else', async () => {
    await beat();
    await plane.start('token:t', 'good');
    await beat();
    const urgent: boolean[] = [];
    plane.fleet.onChange((one) => one.kind === 'assignments' && urgent.push(one.urgent));
    assert.ok((await plane.rollback('token:t', 'shop-1', 'looks odd')).ok);
    assert.deepEqual(urgent, [true, true], 'both roles');
    await until(() => phase() === 'rolledBack');
    assert.equal(plane.world().quarantine.size, 0, 'a person knows why; the bytes may come again');
  });

  it('measures both arms over the same time, and each event once', async () => {
    await beat();
    await plane.start('token:t', 'good');
    await until(() => phase() === 'baking');
    for (let step = 0; step < 3; step++) await beat();
    // What is measured counts when its window is over.
    await clock.advance(1_000);
    const view = plane.rolloutView('shop-1');
    const api = view?.verdicts.find((one) => one.role === 'api');
    const beats = (requests.get(TARGETS[0]?.uid ?? '') ?? 0) / 100;
    assert.equal(api?.treated.exposure, beats * 100, 'one treated target of the role');
    assert.equal(api?.untouched.exposure, beats * 200, 'two untouched ones');
    assert.equal(view?.exposure.api, beats * 100);
    const windows = await store.windows('shop-1');
    const stored = windows.filter(
      (one) => one.stage === 'canary' && one.role === 'api' && one.arm === 'treated' && one.metric === 'requests',
    );
    assert.ok(stored.reduce((sum, one) => sum + one.count, 0) <= beats * 100);
    plane.fleet.observe(TARGETS[0]?.uid ?? '', {
      observations: [],
      exposedCounters: [],
      scrapeError: 'connection refused',
    });
    assert.equal(
      plane.rolloutView('shop-1')?.exposure.api,
      beats * 100,
      'a service that cannot be read adds nothing and loses nothing',
    );
  });

  it('law 16: refuses at plan time what the fleet cannot measure, with the nearest real name', async () => {
    const misspelt = {
      ...SERVICE,
      metrics: { ...SERVICE.metrics, failures: { counter: 'failure_total{code="500"}' } },
    };
    await plane.apply('token:t', [{ kind: 'Service', service: misspelt }]);
    for (const target of TARGETS) {
      const observed = { slot: 'config/shop', artifact: BASELINE, epoch: 0, total: 0 };
      plane.fleet.observe(target.uid, {
        observations: [
          { ...observed, metric: 'requests', present: true },
          { ...observed, metric: 'failures', present: false },
        ],
        exposedCounters: ['requests_total', 'failures_total'],
        scrapeError: '',
      });
    }
    const plan = plane.plan('good');
    assert.ok(plan.ok);
    assert.deepEqual(
      plan.value.refusals.map((refusal) => refusal.code),
      ['metric-without-data', 'metric-without-data'],
    );
    assert.match(plan.value.refusals[0]?.remedy ?? '', /failures_total/);
    const started = await plane.start('token:t', 'good');
    assert.deepEqual(
      !started.ok && started.error,
      plan.value.refusals,
      'starting refuses exactly what the plan refuses',
    );
  });

  it('refuses content that is too large, not valid by its schema, or unreadable; and stores nothing of it', async () => {
    const table: readonly [unknown, string, RegExp][] = [
      [{ limit: 'x'.repeat(200) }, 'content-too-large', /at most 100 allowed/],
      [{ limt: 1 }, 'content-invalid', /required property 'limit'/],
      ['{"limit": ', 'content-invalid', /neither JSON nor YAML|must be object/],
    ];
    for (const [content, code, says] of table) {
      const outcome = await plane.apply('token:t', [change('x', content)]);
      assert.ok(!outcome.ok);
      assert.equal(outcome.error[0]?.code, code);
      assert.match(outcome.error[0]?.says ?? '', says);
    }
    assert.equal(plane.world().changes.size, 1);
  });

  it('knows the same change again, whatever it is called', async () => {
    const again = await plane.apply('token:t', [change('other-name', { limit: 1 })]);
    assert.deepEqual(again.ok && again.value.map((one) => one.outcome), ['unchanged']);
  });

  it('a target comes back under the same name with another uid, but not beside itself', async () => {
    const [first] = TARGETS;
    assert.ok(first !== undefined);
    const twin = { ...first, uid: 'f'.repeat(32) };
    const refused = await plane.fleet.introduce(twin);
    assert.ok(!refused.ok && refused.error.code === 'name-taken');
    plane.fleet.lost(first.uid);
    assert.ok((await plane.fleet.introduce(twin)).ok);
    assert.equal(plane.world().targets.has(first.uid), false);
  });

  /** What another control plane does to the log under this one. */
  const overtake = () =>
    store.append(plane.world().position, [
      { stream: 'line', type: 'LineHalted', at: 0, actor: 'other', data: { reason: '' } },
    ]);

  it('law 20: of two control planes on one log, the one that is behind stops', async () => {
    await overtake();
    await assert.rejects(plane.halt('token:t', ''), (error) => error instanceof StoreError && error.fault === 'locked');
    assert.equal(plane.readiness().ready, false);
    await assert.rejects(plane.halt('token:t', ''), StoreError);
    assert.equal(await store.head(), plane.world().position + 1, 'nothing more was written');
  });

  it('law 20: the one that is behind finds out by itself, and then tells no target anything and vouches for nothing', async () => {
    await beat();
    assert.ok((await plane.start('token:t', 'good')).ok);
    const [canary] = TARGETS;
    assert.ok(canary !== undefined);
    const [assignment] = plane.fleet.assignmentsFor(canary.uid)?.assignments ?? [];
    assert.ok(assignment?.candidate);
    const slot = { slot: 'config/shop', phase: 'provisional', current: assignment.candidate.artifact } as const;
    const more = { baseline: BASELINE, failed: null, failureCode: '', failure: '', verifiedBy: 'file' };
    const report = { slots: [{ ...slot, ...more, generation: assignment.generation }], checks: [] };
    plane.fleet.report(canary.uid, report);
    assert.equal(plane.fleet.confirmationsFor(canary.uid).length, 1);
    const told: string[] = [];
    plane.fleet.onChange(({ kind }) => told.push(kind));

    await overtake();
    const head = await store.head();
    await clock.advance(5_000);
    assert.match(await plane.overtaken, /another control plane has appended/);
    assert.deepEqual(plane.readiness(), { ready: false, says: await plane.overtaken });
    assert.equal(plane.fleet.assignmentsFor(canary.uid), null);
    assert.equal(plane.fleet.enforcedFor(canary.uid), null);
    plane.fleet.report(canary.uid, report);
    assert.deepEqual(plane.fleet.confirmationsFor(canary.uid), []);
    await clock.advance(60_000);
    assert.deepEqual(told, []);
    assert.equal(await store.head(), head, 'and writes nothing');
  });

  it('what follows an append may fail: what was appended stands, the others are told, and the next command is decided', async () => {
    const heard: string[] = [];
    plane.onAppend(() => {
      throw new Error('a bug in a listener');
    });
    plane.onAppend((events) => heard.push(...events.map(({ type }) => type)));
    assert.ok((await plane.halt('token:t', 'to look')).ok);
    assert.equal(plane.world().halted?.reason, 'to look');
    assert.ok((await plane.lift('token:t')).ok);
    assert.deepEqual(plane.readiness(), { ready: true, says: 'ready' });
    assert.deepEqual(heard, ['LineHalted', 'LineLifted']);
  });

  it('tokens are found by their secret, and kept by their hash alone', async () => {
    const { id, secret } = await plane.issueToken('engine', 'agent', 'fleet');
    assert.equal(plane.tokenOf(secret)?.id, id);
    assert.equal(plane.fleet.admits(secret), true);
    assert.equal(plane.fleet.admits(`${secret}x`), false);
    const { secret: admin } = await plane.issueToken('engine', 'admin', 'me');
    assert.equal(plane.fleet.admits(admin), false, 'a person is not an agent');
    const events = JSON.stringify(await store.read(0));
    assert.ok(!events.includes(secret) && !events.includes(admin));
    assert.ok((await plane.revokeToken('engine', id)).ok);
    assert.equal(plane.fleet.admits(secret), false);
  });

  it('commands that come together are all decided, in order, and share their appends', async () => {
    const head = plane.world().position;
    const names = Array.from({ length: 200 }, (_, index) => `t${index}`);
    const issued = await Promise.all(names.map((name) => plane.issueToken('engine', 'agent', name)));
    assert.equal(plane.world().position, head + 200);
    assert.ok(issued.every(({ id, secret }) => plane.tokenOf(secret)?.id === id));
    assert.deepEqual((await plane.verifyLog()).outcome, 'intact');
  });
});

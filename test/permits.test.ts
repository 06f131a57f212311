import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ed25519 } from '../src/adapters/signing/ed25519.ts';
import { memoryVault } from '../src/adapters/signing/testing/memoryVault.ts';
import { canonicalJson } from '../src/core/kernel/canonicalJson.ts';
import type { Digest } from '../src/core/kernel/digest.ts';
import { judgePermits } from '../src/core/policy/judgePermit.ts';
import type { Leave, Permit } from '../src/core/policy/permit.ts';
import type { Signed } from '../src/core/policy/signed.ts';
import { checkWith, learnKeys, NO_TRUST, type SignatureCheck, type Trust } from '../src/core/policy/trust.ts';
import { type Assignment, desiredRevision } from '../src/core/rollout/assignment.ts';
import { pipeline, stage } from '../src/core/rollout/fixtures.ts';
import type { Target } from '../src/core/topology/target.ts';
import type { AssignmentSet } from '../src/engine/ports/fleet.ts';
import { ManualClock } from './support/manualClock.ts';
import { type OpenEngine, openEngine } from './support/openEngine.ts';

/*
 * The engine on its real store with real keys. The targets here take nothing that they have not judged themselves, each by the keys that it
 * has come to trust.
 */

const SLOT = 'config/shop';
const BASELINE: Digest = `sha256:${'b'.repeat(64)}`;
const HOUR = 3_600_000;
const CHECK: SignatureCheck = {
  verify: (publicKey, document, signature) =>
    ed25519.verify(publicKey, Buffer.from(canonicalJson(document)), signature),
  keyId: ed25519.keyId,
};
const TARGETS: readonly Target[] = ['canary', 'canary', 'broad', 'broad'].map((ring, index) => ({
  uid: index.toString(16).padStart(32, '0'),
  name: `shop-${index}`,
  service: 'shop',
  role: index % 2 === 0 ? 'api' : 'web',
  labels: { ring },
}));

class Stand {
  readonly #directory: string;
  readonly #opened: { close(): Promise<void> }[] = [];
  readonly clock = new ManualClock();
  readonly #trust = new Map<string, Trust>();
  readonly #held = new Map(TARGETS.map(({ uid }) => [uid, BASELINE]));
  #requests = 0;
  plane!: OpenEngine['plane'];

  constructor(directory: string) {
    this.#directory = directory;
  }

  async open(vault = memoryVault()): Promise<void> {
    await this.close();
    const { store, plane } = await openEngine(this.#directory, this.clock, vault);
    this.plane = plane;
    this.#opened.push(store, plane);
    for (const target of TARGETS) await this.plane.fleet.introduce(target);
  }

  async close(): Promise<void> {
    for (const part of this.#opened.splice(0).reverse()) await part.close();
  }

  /** What the target makes of what it is told now, or of other permits in its place. */
  judge(
    target: Target,
    other?: readonly Signed<Permit>[],
  ): { leave: Leave; assignment: Assignment; set: AssignmentSet } {
    const set = this.plane.fleet.assignmentsFor(target.uid) ?? assert.fail();
    const trust = learnKeys(this.#trust.get(target.uid) ?? NO_TRUST, set.keys, CHECK);
    this.#trust.set(target.uid, trust);
    const assignment = set.assignments[0] ?? assert.fail();
    const permits = other ?? set.permits;
    const context = {
      permits,
      serverTime: this.clock.now(),
      check: checkWith(trust, CHECK),
      target,
      neverFirst: false,
    };
    const leaves = judgePermits(assignment, context);
    return { leave: assignment.candidate === null ? leaves.lastKnownGood : leaves.candidate, assignment, set };
  }

  /** Every target takes what it has leave for and tells. */
  async beat(): Promise<void> {
    this.#requests += 200;
    for (const target of TARGETS) {
      const set = this.plane.fleet.assignmentsFor(target.uid);
      if (set?.assignments.length !== 1) continue;
      const { leave, assignment } = this.judge(target);
      const desired = desiredRevision(assignment, target) ?? BASELINE;
      const current = this.#held.get(target.uid) ?? BASELINE;
      const refused = desired !== current && desired !== BASELINE && !leave.granted;
      if (!refused) this.#held.set(target.uid, desired);
      const slot = {
        ...{ slot: SLOT, generation: assignment.generation, current: refused ? current : desired, baseline: BASELINE },
        ...{ failed: null, failureCode: '', failure: '', verifiedBy: 'file' },
        ...(refused && { refusal: { code: leave.code, says: leave.says } }),
      };
      this.plane.fleet.report(target.uid, { slots: [{ ...slot, phase: 'settled' }], checks: [] });
    }
    for (const target of TARGETS) {
      const artifact = this.#held.get(target.uid) ?? BASELINE;
      const counted = { slot: SLOT, artifact, epoch: 0, present: true };
      this.plane.fleet.observe(target.uid, {
        observations: [
          { ...counted, metric: 'requests', total: this.#requests },
          { ...counted, metric: 'failures', total: 0 },
        ],
        exposedCounters: ['requests_total', 'failures_total'],
        scrapeError: '',
      });
    }
    await this.clock.advance(1_000);
  }

  async until(done: () => boolean): Promise<void> {
    for (let step = 0; step < 200 && !done(); step++) await this.beat();
    assert.ok(done(), JSON.stringify(this.plane.rolloutView('shop-1')?.says));
  }

  get phase() {
    return this.plane.world().rollouts.get('shop-1')?.phase;
  }

  get holds(): readonly string[] {
    return this.plane.world().rollouts.get('shop-1')?.holds ?? [];
  }

  permit(role: string): Signed<Permit> | undefined {
    return this.plane.world().permits.get(`shop/${role}`);
  }

  newKeys(): readonly (number | undefined)[] {
    return [...this.#trust.values()].map(({ keys }) => keys.length);
  }
}

async function stand(test: TestContext, promote: 'auto' | 'manual', vault = memoryVault()): Promise<Stand> {
  const directory = await mkdtemp(join(tmpdir(), 'ringfence-permits-'));
  const made = new Stand(directory);
  test.after(async () => {
    await made.close();
    await rm(directory, { recursive: true });
  });
  await made.open(vault);
  const metrics = { requests: { counter: 'requests_total' }, failures: { counter: 'failures_total' } };
  const slots = { [SLOT]: { roles: ['api', 'web'], schema: null, maxBytes: 100 } };
  const applied = await made.plane.apply('token:t', [
    { kind: 'Service', service: { name: 'shop', roles: ['api', 'web'], slots, metrics, dependsOn: [] } },
    {
      kind: 'Pipeline',
      pipeline: pipeline({ stages: [stage('canary', { promote }), stage('broad')], heldDeadlineMs: 100 * HOUR }),
    },
    {
      kind: 'Change',
      change: { name: 'good', service: 'shop', roles: [], slots: { [SLOT]: Buffer.from('{}') }, reason: '' },
    },
  ]);
  assert.ok(applied.ok);
  for (const target of TARGETS) assert.ok((await made.plane.fleet.introduce(target)).ok);
  await made.beat();
  await made.plane.fleet.introduce(TARGETS[0] ?? assert.fail());
  for (let step = 0; step < 5; step++) await made.beat();
  for (const target of TARGETS) {
    const observation = { metric: 'requests', slot: SLOT, artifact: BASELINE, epoch: 0, total: 1, present: true };
    made.plane.fleet.observe(target.uid, {
      observations: [observation, { ...observation, metric: 'failures' }],
      exposedCounters: [],
      scrapeError: '',
    });
  }
  const started = await made.plane.start('token:t', 'good');
  assert.ok(started.ok, JSON.stringify(started));
  return made;
}

describe('permits and evidence, made by the engine and judged by each target', () => {
  it('laws 1 and 23: a whole rollout is followed on nothing but permits, and ends on one that has no end', async (test) => {
    const made = await stand(test, 'auto');
    await made.until(() => made.phase === 'completed');
    await made.beat();
    for (const target of TARGETS) {
      const { leave, assignment } = made.judge(target);
      assert.deepEqual(leave, { granted: true }, target.name);
      assert.equal(assignment.candidate, null);
    }
    assert.equal(made.permit('web'), undefined, 'nothing is on its way any more');
    const events = await made.plane.log(0, 1000);
    const evidence = events.filter(({ type }) => type === 'EvidenceSigned').map(({ data }) => [data.stage, data.role]);
    assert.deepEqual(
      evidence,
      [0, 1].flatMap((index) => [
        [index, 'api'],
        [index, 'web'],
      ]),
    );
    const permits = events.filter(({ type }) => type === 'PermitIssued');
    assert.equal(permits.length, 3 * 2, 'one for each role and part of the fleet, never one for each target');
  });

  it('law 3: what was signed for one role is refused by the other', async (test) => {
    const made = await stand(test, 'manual');
    await made.until(() => made.phase === 'ready');
    const [api, web] = TARGETS;
    assert.ok(api && web && made.permit('api') && made.permit('web'));
    const { leave } = made.judge(web, [made.permit('api') ?? assert.fail()]);
    assert.equal(leave.granted ? '' : leave.code, 'wrong-role');
  });

  it('law 2: the same permits every time: a decision that is repeated is signed alike', async (test) => {
    const made = await stand(test, 'manual');
    const signed = made.permit('web') ?? assert.fail();
    const key = made.plane.world().keys.get(signed.key) ?? assert.fail();
    assert.ok(CHECK.verify(key.publicKey, signed.document, signed.signature));
    assert.equal(made.judge(TARGETS[1] ?? assert.fail()).set.permits[0], signed, 'the same object for everybody');
  });

  it('keys turn over under way: the rollout goes on, and what the retired key signed is refused', async (test) => {
    const made = await stand(test, 'manual');
    await made.until(() => made.holds.includes('awaiting-promotion'));
    const old = made.permit('web') ?? assert.fail();
    const key = await made.plane.rotateKey('token:t');
    await made.beat();
    assert.deepEqual(made.newKeys(), [2, 2, 2, 2], 'announced by the old one, so everybody trusts it');
    assert.ok((await made.plane.retireKey('token:t', old.key)).ok);
    await made.beat();
    const { leave } = made.judge(TARGETS[1] ?? assert.fail(), [old]);
    assert.equal(leave.granted ? '' : leave.code, 'retired-key');
    const anew = made.permit('web') ?? assert.fail();
    assert.deepEqual([anew.key, anew.document], [key.id, { ...old.document, evidence: anew.document.evidence }]);
    assert.ok((await made.plane.promote('token:t', 'shop-1')).ok);
    await made.until(() => made.phase === 'completed');
    assert.ok(made.judge(TARGETS[3] ?? assert.fail()).leave.granted);
  });

  it('the key that is signed with cannot be retired, and nobody retires one twice', async (test) => {
    const made = await stand(test, 'manual');
    const [only] = made.plane.world().keys.keys();
    const refused = await made.plane.retireKey('token:t', only ?? '');
    assert.equal(refused.ok ? '' : refused.error.code, 'in-use');
    await made.plane.rotateKey('token:t');
    assert.ok((await made.plane.retireKey('token:t', only ?? '')).ok);
    const again = await made.plane.retireKey('token:t', only ?? '');
    assert.equal(again.ok ? '' : again.error.code, 'not-possible-now');
  });

  it('a permit is renewed long before it expires, for those who come late', async (test) => {
    const made = await stand(test, 'manual');
    await made.until(() => made.holds.includes('awaiting-promotion'));
    const first = made.permit('web') ?? assert.fail();
    await made.clock.advance(13 * HOUR);
    await made.beat();
    const renewed = made.permit('web') ?? assert.fail();
    assert.ok(renewed.document.issued > first.document.issued);
    assert.equal(renewed.document.generation, first.document.generation);
  });

  it('law 2: revoked evidence closes the gate and withdraws the permits, also from those who cannot check them', async (test) => {
    const made = await stand(test, 'manual');
    await made.until(() => made.holds.includes('awaiting-promotion'));
    assert.ok((await made.plane.revokeEvidence('token:t', 'shop-1', 'canary', 'the probe was broken')).ok);
    await made.until(() => made.holds.includes('evidence-revoked'));
    const promoted = await made.plane.promote('token:t', 'shop-1');
    assert.equal(promoted.ok ? '' : promoted.error.code, 'no-evidence');
    const [target] = TARGETS;
    assert.ok(target);
    const { leave, assignment } = made.judge(target);
    assert.equal(leave.granted ? '' : leave.code, 'no-permit');
    assert.notEqual(assignment.candidate, null);
    assert.equal(made.plane.fleet.enforcedFor(target.uid)?.assignments[0]?.candidate, null);
    assert.match(
      made.plane.rolloutView('shop-1')?.says ?? '',
      /the evidence of "canary" was revoked by token:t: the probe was broken/,
    );
  });

  it('a server that has lost its keys is refused until people say otherwise; nothing is signed again behind their backs', async (test) => {
    const made = await stand(test, 'manual');
    await made.until(() => made.holds.includes('awaiting-promotion'));
    await made.open(memoryVault());
    for (let step = 0; step < 3; step++) await made.beat();
    assert.ok((await made.plane.promote('token:t', 'shop-1')).ok);
    await made.until(() => made.holds.includes('permit-refused'));
    assert.match(made.plane.rolloutView('shop-1')?.says ?? '', /2 targets refuse the permit: 2 unknown-key/);
  });
});

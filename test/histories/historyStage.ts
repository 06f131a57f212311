import assert from 'node:assert/strict';
import { memoryVault } from '../../src/adapters/signing/testing/memoryVault.ts';
import type { Digest } from '../../src/core/kernel/digest.ts';
import type { TokenRole } from '../../src/core/policy/authority.ts';
import type { Pipeline } from '../../src/core/policy/pipeline.ts';
import { desiredRevision } from '../../src/core/rollout/assignment.ts';
import { pipeline, stage } from '../../src/core/rollout/fixtures.ts';
import { isReleased } from '../../src/core/rollout/release.ts';
import type { Rollout } from '../../src/core/rollout/rollout.ts';
import type { Service } from '../../src/core/topology/service.ts';
import type { Target } from '../../src/core/topology/target.ts';
import type { ChangeInput, ManifestInput } from '../../src/engine/ports/controlPlane.ts';
import type { Store } from '../../src/engine/ports/store.ts';
import type { StoredEvent } from '../../src/wire/storedEvent.ts';
import { ManualClock } from '../support/manualClock.ts';
import { type OpenEngine, openEngine } from '../support/openEngine.ts';

export const OPS = 'token:ops';

const SLOT = 'config/shop';
const BASELINE: Digest = `sha256:${'b'.repeat(64)}`;

export const TARGETS: readonly Target[] = ['canary', 'canary', 'broad', 'broad', 'broad', 'broad'].map(
  (ring, index) => ({
    uid: index.toString(16).padStart(32, '0'),
    name: `shop-${index}`,
    service: 'shop',
    role: index % 2 === 0 ? 'api' : 'web',
    labels: { ring },
  }),
);

/** The real engine with real keys on its real store, for stories to be played on: six targets that take what they are given. */
export class HistoryStage {
  readonly directory: string;
  readonly clock = new ManualClock();
  readonly #vault = memoryVault();
  readonly #held = new Map(TARGETS.map(({ uid }) => [uid, BASELINE]));
  readonly #requests = new Map<string, number>();
  #store!: Store;
  plane!: OpenEngine['plane'];
  /** Who takes part. */
  present: readonly Target[] = TARGETS;
  /** Which share of a target's requests fails under what it holds. */
  failing: (target: Target, holds: Digest) => number = () => 0;

  constructor(directory: string) {
    this.directory = directory;
  }

  async open(): Promise<void> {
    const { store, plane } = await openEngine(this.directory, this.clock, this.#vault);
    this.#store = store;
    this.plane = plane;
    for (const target of this.present) await this.plane.fleet.introduce(target);
  }

  async close(): Promise<void> {
    await this.plane.close();
    await this.#store.close();
  }

  /** Ends as a power cut would, and begins again. */
  async crash(): Promise<void> {
    await this.#store.close();
    await this.open();
  }

  async prepare(through: Partial<Pipeline> = {}, service: Partial<Service> = {}): Promise<void> {
    await this.open();
    const slots = { [SLOT]: { roles: ['api', 'web'], schema: null, maxBytes: 100 } };
    const metrics = { requests: { counter: 'requests_total' }, failures: { counter: 'failures_total' } };
    const stages = [stage('canary'), stage('broad', { waves: [{ count: 1 }, { share: 1 }] })];
    await this.apply({
      kind: 'Service',
      service: { name: 'shop', roles: ['api', 'web'], slots, metrics, dependsOn: [], ...service },
    });
    await this.apply({ kind: 'Pipeline', pipeline: pipeline({ stages, ...through }) });
    for (const target of this.present) await this.plane.fleet.introduce(target);
    for (const name of ['good', 'better', 'bad']) await this.change(name);
    await this.beat();
  }

  async apply(manifest: ManifestInput): Promise<void> {
    const applied = await this.plane.apply(OPS, [manifest]);
    assert.ok(applied.ok, JSON.stringify(applied));
  }

  async change(name: string, more: Partial<ChangeInput> = {}): Promise<void> {
    const slots = { [SLOT]: Buffer.from(JSON.stringify({ name })) };
    const reason = `${name}, for the record`;
    await this.apply({ kind: 'Change', change: { name, service: 'shop', roles: [], slots, reason, ...more } });
  }

  /** Somebody with a token of their own; gives the actor that they are. */
  async person(name: string, role: TokenRole): Promise<string> {
    return `token:${(await this.plane.issueToken(OPS, role, name)).id}`;
  }

  async start(name: string): Promise<string> {
    const started = await this.plane.start(OPS, name);
    assert.ok(started.ok, JSON.stringify(started));
    return started.value.id;
  }

  rollout(id = 'shop-1'): Rollout {
    return this.plane.world().rollouts.get(id) ?? assert.fail(`there is no ${id}`);
  }

  /** One second: every target takes what it is to hold, and reports it with a hundred more requests. */
  async beat(): Promise<void> {
    for (const target of this.present) {
      const [assignment] = this.plane.fleet.assignmentsFor(target.uid)?.assignments ?? [];
      const desired = assignment === undefined ? BASELINE : (desiredRevision(assignment, target) ?? BASELINE);
      const before = this.#held.get(target.uid) ?? BASELINE;
      const release = assignment?.release;
      const waits = release?.artifact === before && !isReleased(release, target.uid);
      const current = waits ? before : desired;
      if (before !== current) this.#requests.delete(target.uid);
      this.#held.set(target.uid, current);
      const generation = assignment?.generation ?? 0;
      const state = { slot: SLOT, generation, phase: 'settled', current, baseline: BASELINE } as const;
      const slot = { ...state, failed: null, failureCode: '', failure: '', verifiedBy: 'file' };
      this.plane.fleet.report(target.uid, { slots: [slot], checks: [] });
      const total = (this.#requests.get(target.uid) ?? 0) + 100;
      this.#requests.set(target.uid, total);
      const counted = { slot: SLOT, artifact: current, epoch: current === BASELINE ? 0 : generation, present: true };
      const failures = Math.round(total * this.failing(target, current));
      this.plane.fleet.observe(target.uid, {
        observations: [
          { ...counted, metric: 'requests', total },
          { ...counted, metric: 'failures', total: failures },
        ],
        exposedCounters: ['requests_total', 'failures_total'],
        scrapeError: '',
      });
    }
    await this.clock.advance(1_000);
  }

  async until(what: string, done: () => boolean): Promise<void> {
    for (let second = 0; second < 900 && !done(); second++) await this.beat();
    assert.ok(done(), `${what} did not come: ${this.plane.rolloutView('shop')?.says}`);
  }

  async events(): Promise<readonly StoredEvent[]> {
    return this.plane.log(0, 100_000);
  }
}

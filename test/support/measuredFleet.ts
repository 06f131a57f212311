import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryVault } from '../../src/adapters/signing/testing/memoryVault.ts';
import type { CheckSpec } from '../../src/core/analysis/checkSpec.ts';
import type { Figures } from '../../src/core/analysis/targetSample.ts';
import type { Digest } from '../../src/core/kernel/digest.ts';
import { desiredRevision } from '../../src/core/rollout/assignment.ts';
import { pipeline, stage } from '../../src/core/rollout/fixtures.ts';
import type { MetricSpec } from '../../src/core/topology/metric.ts';
import type { Target } from '../../src/core/topology/target.ts';
import type { ControlPlane } from '../../src/engine/ports/controlPlane.ts';
import { ManualClock } from './manualClock.ts';
import { type OpenEngine, openEngine } from './openEngine.ts';
import { BASELINE, settled } from './shopInStory.ts';

export type Measured = Readonly<Record<string, Figures>>;

/** What a target measures in one second; `null`: it measures nothing. */
export type Behaviour = (target: Target, holdsChange: boolean, second: number) => Measured | null;

export interface MeasuredShape {
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  readonly checks: readonly CheckSpec[];
  /** How many targets are in each of the two rings. */
  readonly canaries?: number;
  readonly broad?: number;
  /** Its own targets measure too, and depend on the shop. */
  readonly dependent?: { readonly name: string; readonly metrics: Readonly<Record<string, MetricSpec>> };
}

const SLOT = 'config/shop';

/**
 * A shop of one role on the real engine and its real store, on a clock of the test's own. Every second each target takes what it is to hold,
 * says so, and measures what the test says. Windows are a second long.
 */
export class MeasuredFleet {
  readonly clock = new ManualClock();
  readonly #vault = memoryVault();
  readonly #directory: string;
  readonly #shape: MeasuredShape;
  readonly #held = new Map<string, Digest>();
  readonly targets: readonly Target[];
  readonly dependents: readonly Target[];
  behaves: Behaviour = () => ({});
  plane: ControlPlane & { close(): Promise<void> };
  store: OpenEngine['store'];
  #second = 0;

  private constructor(
    directory: string,
    shape: MeasuredShape,
    targets: readonly Target[],
    dependents: readonly Target[],
  ) {
    this.#directory = directory;
    this.#shape = shape;
    this.targets = targets;
    this.dependents = dependents;
    this.plane = undefined as never;
    this.store = undefined as never;
  }

  static async open(shape: MeasuredShape, behaves: Behaviour): Promise<MeasuredFleet> {
    const { canaries = 3, broad = 9, dependent } = shape;
    const target = (service: string, index: number, ring: string): Target => ({
      uid: `${service === 'shop' ? 'a' : 'b'}${index.toString(16).padStart(31, '0')}`,
      name: `${service}-${index}`,
      service,
      role: 'web',
      labels: { ring },
    });
    const targets = Array.from({ length: canaries + broad }, (_, index) =>
      target('shop', index, index < canaries ? 'canary' : 'broad'),
    );
    const dependents =
      dependent === undefined ? [] : Array.from({ length: 6 }, (_, index) => target(dependent.name, index, 'broad'));
    const fleet = new MeasuredFleet(await mkdtemp(join(tmpdir(), 'ringfence-judge-')), shape, targets, dependents);
    fleet.behaves = behaves;
    await fleet.start();
    await fleet.#introduce();
    return fleet;
  }

  /** Opens the engine on what is stored. */
  async start(): Promise<void> {
    const { plane, store } = await openEngine(this.#directory, this.clock, this.#vault);
    this.plane = plane;
    this.store = store;
  }

  /** As after a SIGKILL: whatever was not stored by now is gone. */
  async kill(): Promise<void> {
    await this.store.close();
  }

  async close(): Promise<void> {
    await this.plane.close().catch(() => {});
    await this.store.close().catch(() => {});
    await rm(this.#directory, { recursive: true });
  }

  async #introduce(): Promise<void> {
    const { metrics, checks, dependent } = this.#shape;
    const slots = { [SLOT]: { roles: ['web'], schema: null, maxBytes: 1000 } };
    const shop = { name: 'shop', roles: ['web'], slots, metrics, dependsOn: [] };
    const services =
      dependent === undefined
        ? [shop]
        : [shop, { ...shop, ...dependent, slots: { 'config/other': slots[SLOT] ?? never() }, dependsOn: ['shop'] }];
    const bake = { minimumMs: 10_000, exposure: null, deadlineMs: 120_000 };
    const applied = await this.plane.apply('token:t', [
      ...services.map((service) => ({ kind: 'Service', service }) as const),
      {
        kind: 'Pipeline',
        pipeline: pipeline({ checks, stages: [stage('canary', { bake }), stage('broad', { bake })] }),
      },
      {
        kind: 'Change',
        change: { name: 'next', service: 'shop', roles: [], slots: { [SLOT]: Buffer.from('next') }, reason: '' },
      },
    ]);
    if (!applied.ok) throw new Error(JSON.stringify(applied.error));
    for (const target of [...this.targets, ...this.dependents]) {
      const outcome = await this.plane.fleet.introduce(target);
      if (!outcome.ok) throw new Error(outcome.error.says);
    }
  }

  get candidate(): Digest | undefined {
    return [...this.plane.world().changes.values()][0]?.slots[SLOT];
  }

  holdsChange({ uid }: Target): boolean {
    return this.#held.get(uid) === this.candidate;
  }

  /** So many seconds pass. */
  async pass(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed++) await this.#beat();
  }

  /** Lets time pass until something is so; `false`: it did not come to that. */
  async until(probe: () => boolean, most = 300): Promise<boolean> {
    for (let second = 0; second < most && !probe(); second++) await this.#beat();
    return probe();
  }

  async #beat(): Promise<void> {
    this.#second++;
    for (const target of this.targets) {
      const [assignment] = this.plane.fleet.assignmentsFor(target.uid)?.assignments ?? [];
      const desired = (assignment === undefined ? null : desiredRevision(assignment, target)) ?? BASELINE;
      this.#held.set(target.uid, desired);
      this.plane.fleet.report(target.uid, { slots: [settled(desired, assignment?.generation ?? 0)], checks: [] });
      this.#measure(target, { slot: SLOT, artifact: desired });
    }
    for (const target of this.dependents) {
      this.plane.fleet.report(target.uid, { slots: [], checks: [] });
      this.#measure(target);
    }
    await this.clock.advance(1_000);
  }

  #measure(target: Target, under?: { readonly slot: string; readonly artifact: Digest }): void {
    const measured = this.behaves(target, this.holdsChange(target), this.#second) ?? {};
    for (const [metric, figures] of Object.entries(measured))
      this.plane.figures.measured(target.uid, { metric, figures, minutes: 1 / 60, ...(under && { under }) });
  }

  get rollout() {
    return [...this.plane.world().rollouts.values()].at(-1);
  }
}

function never(): never {
  throw new Error('it has a slot');
}

/** A number in [0, 1) that looks like chance and is the same every time. */
export function coin(...parts: readonly (number | string)[]): number {
  let mixed = 0x9e3779b9;
  for (const part of parts.map((each) => (typeof each === 'number' ? each : Number.parseInt(each.slice(-6), 16))))
    mixed = Math.imul(mixed ^ (part + 0x7f4a7c15), 0x85ebca6b) ^ (mixed >>> 13);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}

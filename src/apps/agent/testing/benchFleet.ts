import { ed25519, type SigningKey, signingKey } from '../../../adapters/signing/ed25519.ts';
import { canonicalJson } from '../../../core/kernel/canonicalJson.ts';
import type { Digest } from '../../../core/kernel/digest.ts';
import { ok } from '../../../core/kernel/result.ts';
import type { Permit, StageEvidence } from '../../../core/policy/permit.ts';
import type { Signed } from '../../../core/policy/signed.ts';
import { EMPTY_WORLD } from '../../../core/record/evolveWorld.ts';
import type { RecordedKey, World } from '../../../core/record/world.ts';
import { type Assignment, assignmentKey, roleKey } from '../../../core/rollout/assignment.ts';
import type { Service } from '../../../core/topology/service.ts';
import type { Selector, Target } from '../../../core/topology/target.ts';
import { FleetState } from '../../../engine/controlplane/fleetState.ts';
import type { Clock } from '../../../engine/ports/clock.ts';
import type { Measurement } from '../../../engine/ports/figures.ts';
import type {
  AssignmentSet,
  Confirmation,
  SlotReport,
  TargetObservations,
  TargetReport,
} from '../../../engine/ports/fleet.ts';

export const SLOT = 'config/shop';
/** A second slot of the same service, for changes that have both. */
export const TILL = 'config/till';

export interface Order {
  readonly candidate?: Digest | null;
  /** What {@link TILL} is to hold in the same rollout; left out: the change does not have it. */
  readonly till?: Digest;
  readonly lastKnownGood?: Digest | null;
  readonly rollout?: string;
  readonly targets?: Selector;
  readonly role?: string;
  /** What is signed instead of what is ordered; `null`: nothing is. */
  readonly permit?: ((permit: Permit) => Permit) | null;
  /** Which of the server's keys signs. */
  readonly key?: number;
}

/** The engine's own live fleet over a world in which tests say what is assigned. One service, `shop`. */
export class BenchFleet extends FleetState {
  readonly #record: { world: World };
  #keys: readonly SigningKey[] = [];
  readonly #artifacts = new Map<Digest, Uint8Array>();
  readonly reports: TargetReport[] = [];
  readonly observed: TargetObservations[] = [];
  readonly measurements: Measurement[] = [];
  /** While false, nobody is confirmed. */
  confirms = true;
  confirmWithinMs = 30_000;
  /** Not `null`: a control plane that has lost its rings, and sends everybody what is for this role. */
  misdirects: string | null = null;

  constructor(clock: Clock, artifacts: Iterable<readonly [Digest, Uint8Array]>) {
    const record = { world: EMPTY_WORLD };
    super({
      clock,
      world: () => record.world,
      verifier: ed25519,
      confirmWithinMs: 0,
      admits: (token) => token === 'a-token',
      isOvertaken: () => false,
      enrol: async (target) => {
        const enrolled = { ...target, role: target.role || 'web' };
        record.world = { ...record.world, targets: new Map(record.world.targets).set(target.uid, enrolled) };
        return ok(undefined);
      },
      artifact: async (digest) => this.#artifacts.get(digest) ?? null,
      measured: (_, measurement) => this.measurements.push(measurement),
      heard: () => {},
    });
    this.#record = record;
    for (const [digest, bytes] of artifacts) this.#artifacts.set(digest, bytes);
    const slot = { roles: ['web', 'api'], schema: null, maxBytes: 1_000_000 };
    const slots = { [SLOT]: slot, [TILL]: slot };
    const metrics = { work: { counter: 'requests_total' }, failures: { counter: 'requests_total{code=~"5.."}' } };
    const shop = { name: 'shop', roles: ['web', 'api'], slots, metrics, dependsOn: [] };
    record.world = { ...record.world, services: new Map([['shop', shop]]) };
    this.useKeys([1]);
  }

  /** Says what is to be held from now on; what is left out is the baseline, and no candidate. */
  order(order: Order): number {
    const { candidate = null, lastKnownGood = null, rollout = 'shop-1', targets = {}, role = 'web' } = order;
    const { world } = this.#record;
    const generation = world.position + 1;
    const openings = [{ stage: 'canary', targets, below: 1 }];
    const assignment: Assignment = {
      service: 'shop',
      role,
      slot: SLOT,
      generation,
      lastKnownGood,
      candidate: candidate && { rollout, change: candidate, artifact: candidate, openings },
    };
    const assignments = new Map(world.assignments).set(assignmentKey('shop', role, SLOT), assignment);
    const till = candidate && order.till && { rollout, change: candidate, artifact: order.till, openings };
    const other: Assignment = { ...assignment, slot: TILL, lastKnownGood: null, candidate: till || null };
    const key = assignmentKey('shop', role, TILL);
    if (till || assignments.has(key)) assignments.set(key, other);
    this.#record.world = { ...world, position: generation, assignments, ...this.#sign(assignment, order) };
    this.publish('shop', role, false);
    return generation;
  }

  /** Other metrics of the service, from now on. */
  watch(metrics: Service['metrics']): void {
    const { world } = this.#record;
    const services = new Map([...world.services].map(([name, service]) => [name, { ...service, metrics }]));
    this.#record.world = { ...world, services };
    for (const role of ['web', 'api']) this.publish('shop', role, false);
  }

  /** Makes these the server's keys, each announced by the one before. `retired` are retired by the last. */
  useKeys(seeds: readonly number[], retired: readonly number[] = []): void {
    this.#keys = seeds.map((seed) => signingKey(Buffer.alloc(32, seed)));
    const keys = this.#keys.map(({ id, publicKey }, index): readonly [string, RecordedKey] => {
      const voucher = this.#keys[index - 1];
      const last = this.#keys.at(-1);
      const announcement = voucher === undefined ? null : signed(voucher, { kind: 'key', publicKey } as const);
      const isRetired = retired.includes(seeds[index] ?? -1) && last !== undefined;
      const retirement = isRetired ? signed(last, { kind: 'key-retired', key: id } as const) : null;
      return [id, { id, publicKey, announcement, retirement, addedAt: 0, retiredAt: null }];
    });
    this.#record.world = { ...this.#record.world, keys: new Map(keys) };
    this.publish('shop', 'web', false);
  }

  #sign(assignment: Assignment, { permit: change = (permit) => permit, key: index = -1, till }: Order) {
    const { permits, goodPermits } = this.#record.world;
    const { service, role, generation, candidate, lastKnownGood } = assignment;
    const key = this.#keys.at(index);
    if (key === undefined || change === null) return { permits: new Map(), goodPermits };
    const permitOf = (artifact: Digest, rollout: string): Permit => ({
      kind: 'permit',
      ...{ service, role, rollout, change: artifact, generation },
      slots: { [SLOT]: artifact, ...(till !== undefined && { [TILL]: till }) },
      ...{ stage: null, openings: [], issued: Date.now(), expires: null, evidence: [] },
    });
    const signedGoods = new Map(goodPermits);
    if (lastKnownGood !== null) {
      const whole = permitOf(lastKnownGood, 'shop-0');
      const evidence: StageEvidence = {
        kind: 'evidence',
        ...{ service, role, change: whole.change, rollout: whole.rollout, stage: 'canary', index: 0, outcome: 'pass' },
        ...{ checks: [], rehearsedAt: null, exposure: 1, issued: whole.issued, expires: whole.issued + 60_000 },
      };
      const permit = signed(key, { ...whole, evidence: [signed(key, evidence)] });
      signedGoods.set(assignmentKey(service, role, SLOT), permit);
    }
    if (candidate === null) return { permits: new Map(), goodPermits: signedGoods };
    const whole = permitOf(candidate.artifact, candidate.rollout);
    const stage = { name: 'canary', index: 0, opened: whole.issued };
    const { openings } = candidate;
    const permit = signed(key, change({ ...whole, stage, openings, expires: whole.issued + 86_400_000 }));
    return { permits: new Map(permits).set(roleKey(service, role), permit), goodPermits: signedGoods };
  }

  get enrolled(): readonly Target[] {
    return [...this.#record.world.targets.values()];
  }

  /** Not even the server has these bytes any more. */
  lose(artifact: Digest): void {
    this.#artifacts.delete(artifact);
  }

  /** What the newest report says of the slot. */
  get slot(): SlotReport | undefined {
    return this.slotNamed(SLOT);
  }

  slotNamed(name: string): SlotReport | undefined {
    return this.reports.at(-1)?.slots.find(({ slot }) => slot === name);
  }

  override report(uid: string, report: TargetReport): void {
    this.reports.push(report);
    super.report(uid, report);
  }

  override observe(uid: string, observations: TargetObservations): void {
    this.observed.push(observations);
    super.observe(uid, observations);
  }

  override assignmentsFor(uid: string): AssignmentSet | null {
    const set = super.assignmentsFor(uid);
    if (set === null) return null;
    const { misdirects: role, confirmWithinMs } = this;
    if (role === null) return { ...set, confirmWithinMs };
    const { assignments } = this.#record.world;
    return {
      ...set,
      role,
      assignments: [...assignments.values()].filter((each) => each.role === role),
      confirmWithinMs,
    };
  }

  override confirmationsFor(uid: string): readonly Confirmation[] {
    return this.confirms ? super.confirmationsFor(uid) : [];
  }
}

function signed<T>(key: SigningKey, document: T): Signed<T> {
  return { document, key: key.id, signature: key.sign(Buffer.from(canonicalJson(document))) };
}

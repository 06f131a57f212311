import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Digest } from '../../../core/kernel/digest.ts';
import type { Refusal } from '../../../core/kernel/refusal.ts';
import { err, ok, type Result } from '../../../core/kernel/result.ts';
import { decideCommand } from '../../../core/record/decideCommand.ts';
import { EMPTY_WORLD, evolveWorld } from '../../../core/record/evolveWorld.ts';
import type { World } from '../../../core/record/world.ts';
import { type Assignment, assignmentKey } from '../../../core/rollout/assignment.ts';
import type { SlotName } from '../../../core/topology/service.ts';
import type { Target } from '../../../core/topology/target.ts';
import { FleetState } from '../../../engine/controlplane/fleetState.ts';
import type { Clock } from '../../../engine/ports/clock.ts';
import type { AssignmentSet, TargetObservations, TargetReport } from '../../../engine/ports/fleet.ts';

export const TOKEN = 'a-token-for-tests';

export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * The engine's own fleet over a world in memory, with what the link told it on record. Services: `shop` (roles `web`, `api`; slot
 * `config/shop`) and `collector` (role `gateway`; slot `config/main`).
 */
export class TestFleet extends FleetState {
  readonly introduced: Target[] = [];
  readonly reports: { readonly uid: string; readonly report: TargetReport }[] = [];
  readonly observed: { readonly uid: string; readonly observations: TargetObservations }[] = [];
  readonly lostUids: string[] = [];
  readonly tokens = new Set([TOKEN]);
  readonly artifacts = new Map<Digest, Uint8Array>();
  /** Enrolling waits for it, and rejects when it does. */
  enrolling: Promise<void> = Promise.resolve();
  readonly #record: { world: World };

  constructor(clock: Clock) {
    const record = { world: EMPTY_WORLD };
    super({
      clock,
      world: () => record.world,
      // Nothing is signed here: what a link does with what it is given is another matter than what it is given.
      verifier: { verify: () => false, keyId: () => '' },
      confirmWithinMs: 5_000,
      admits: (token) => this.tokens.has(token),
      isOvertaken: () => false,
      enrol: (target) => this.#enrol(target),
      artifact: async (digest) => this.artifacts.get(digest) ?? null,
      measured: () => {},
      heard: () => {},
    });
    this.#record = record;
    this.addService('shop', ['web', 'api'], 'config/shop');
    this.addService('collector', ['gateway'], 'config/main');
  }

  addService(name: string, roles: readonly string[], slot: SlotName): void {
    const slots = { [slot]: { roles, schema: null, maxBytes: 1_000_000 } };
    const service = { name, roles, slots, metrics: { requests: { counter: 'requests_total' } }, dependsOn: [] };
    this.#record.world = evolveWorld(this.#record.world, [
      { type: 'ServiceApplied', data: { service }, position: this.#record.world.position + 1, at: 0, actor: 'test' },
    ]);
  }

  /** Rolls out: keeps the bytes and makes every connected target of the role hear of it. Openings select every target unless said. */
  assign(
    change: { service: string; role: string; slot: SlotName; lastKnownGood?: string | null; candidate?: string | null },
    options: { urgent?: boolean; targets?: Readonly<Record<string, readonly string[]>> } = {},
  ): Assignment {
    const { service, role, slot, lastKnownGood = null, candidate = null } = change;
    const position = this.#record.world.position + 1;
    const openings = [{ stage: 'canary', targets: options.targets ?? {}, below: 1 }];
    const assignment: Assignment = {
      service,
      role,
      slot,
      generation: position,
      lastKnownGood: lastKnownGood === null ? null : this.keep(lastKnownGood),
      candidate:
        candidate === null
          ? null
          : {
              rollout: `${service}-1`,
              change: digestOf(`change ${candidate}`),
              artifact: this.keep(candidate),
              openings,
            },
    };
    const assignments = new Map(this.#record.world.assignments).set(assignmentKey(service, role, slot), assignment);
    this.#record.world = { ...this.#record.world, position, assignments };
    this.publish(service, role, options.urgent ?? false);
    return assignment;
  }

  keep(text: string): Digest {
    const bytes = Buffer.from(text);
    this.artifacts.set(digestOf(bytes), bytes);
    return digestOf(bytes);
  }

  lastReport(uid: string): TargetReport | undefined {
    return this.reports.findLast((each) => each.uid === uid)?.report;
  }

  isConnected(uid: string): boolean {
    for (const view of this.views()) if (view.target.uid === uid) return view.connected;
    return false;
  }

  override enforcedFor(uid: string): AssignmentSet | null {
    return this.assignmentsFor(uid);
  }

  override report(uid: string, report: TargetReport): void {
    this.reports.push({ uid, report });
    super.report(uid, report);
  }

  override observe(uid: string, observations: TargetObservations): void {
    this.observed.push({ uid, observations });
    super.observe(uid, observations);
  }

  override lost(uid: string): void {
    this.lostUids.push(uid);
    super.lost(uid);
  }

  async #enrol(target: Target): Promise<Result<void, Refusal>> {
    await this.enrolling;
    this.introduced.push(target);
    const decided = decideCommand(this.#record.world, { type: 'enrol', target }, 0);
    if (!decided.ok) {
      const [refusal] = decided.error;
      assert.ok(refusal);
      return err(refusal);
    }
    const events = decided.value.map((event, index) => ({
      ...event,
      position: this.#record.world.position + index + 1,
      at: 0,
      actor: 'test',
    }));
    this.#record.world = evolveWorld(this.#record.world, events);
    return ok(undefined);
  }
}

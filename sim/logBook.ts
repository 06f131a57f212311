import type { Digest } from '../src/core/kernel/digest.ts';
import { place } from '../src/core/kernel/place.ts';
import type { Change } from '../src/core/policy/change.ts';
import type { Pipeline } from '../src/core/policy/pipeline.ts';
import type { DomainEvent } from '../src/core/record/event.ts';
import type { PlannedStage } from '../src/core/rollout/rollout.ts';
import type { SlotName } from '../src/core/topology/service.ts';
import type { Labels } from '../src/core/topology/target.ts';
import type { StoredEvent } from '../src/wire/storedEvent.ts';

/** A rollout as somebody understands it who reads the log and nothing else. Moments are simulated time, which no clock can falsify. */
export interface LoggedRollout {
  readonly id: string;
  readonly position: number;
  readonly change: Change;
  readonly pipeline: Pipeline;
  readonly plan: readonly PlannedStage[];
  readonly slotRoles: Readonly<Record<SlotName, readonly string[]>>;
  /** How far each stage is open; missing: not at all. */
  readonly below: Map<number, number>;
  stage: number;
  wave: number;
  phase: 'rolling' | 'rehearsing' | 'baking' | 'ready' | 'rollingBack' | 'rolledBack' | 'completed';
  waveAt: number;
  bakeAt: number;
  absent: readonly string[];
  absentAtRehearsal: readonly string[];
  readonly passed: Set<number>;
  paused: boolean;
  readonly holds: Set<string>;
  /** When the rehearsal began and when it was proven; `null` before. */
  rehearsedAt: number | null;
  provenAt: number | null;
  rollbackPosition: number | null;
  rollbackAt: number;
  failuresTold: number;
}

/**
 * The log, read independently of the code that is judged: written from what the events are documented to mean, and sharing only
 * the hash that says where a target stands in the order of a rollout.
 */
export class LogBook {
  readonly rollouts = new Map<string, LoggedRollout>();
  readonly quarantined = new Set<Digest>();
  /** By `role/slot`, the newest last. */
  readonly goods = new Map<string, Digest[]>();
  /** Names by uid of what is enrolled now. */
  readonly targets = new Map<string, string>();
  halted = false;

  take(stored: StoredEvent, now: number): void {
    const event = { type: stored.type, data: stored.data } as unknown as DomainEvent;
    switch (event.type) {
      case 'TargetEnrolled':
        this.targets.set(event.data.target.uid, event.data.target.name);
        return;
      case 'TargetRetired':
        this.targets.delete(event.data.uid);
        return;
      case 'LineHalted':
        this.halted = true;
        return;
      case 'LineLifted':
        this.halted = false;
        return;
      case 'DigestQuarantined':
        this.quarantined.add(event.data.change);
        return;
      case 'RolloutStarted':
        this.rollouts.set(event.data.id, {
          ...event.data,
          position: stored.position,
          below: new Map(),
          stage: 0,
          wave: 0,
          phase: 'rolling',
          waveAt: now,
          bakeAt: 0,
          absent: [],
          absentAtRehearsal: [],
          passed: new Set(),
          paused: false,
          holds: new Set(),
          rehearsedAt: null,
          provenAt: null,
          rollbackPosition: null,
          rollbackAt: 0,
          failuresTold: 0,
        });
        return;
    }
    if ('id' in event.data) this.#takeOfRollout(event, stored.position, now);
  }

  #takeOfRollout(event: DomainEvent, position: number, now: number): void {
    const rollout = 'id' in event.data ? this.rollouts.get(event.data.id) : undefined;
    if (rollout === undefined) return;
    switch (event.type) {
      case 'WaveOpened':
        rollout.phase = 'rolling';
        rollout.stage = event.data.stage;
        rollout.wave = event.data.wave;
        rollout.waveAt = now;
        rollout.absent = absentAfter(rollout.absent, event.data);
        rollout.below.set(event.data.stage, event.data.below);
        return;
      case 'WaveWidened':
        rollout.waveAt = now;
        rollout.below.set(rollout.stage, event.data.below);
        rollout.absent = absentAfter(rollout.absent, event.data);
        return;
      case 'EvidenceRevoked':
        rollout.passed.delete(event.data.stage);
        return;
      case 'RehearsalStarted':
        rollout.phase = 'rehearsing';
        rollout.rehearsedAt = now;
        rollout.absentAtRehearsal = rollout.absent;
        return;
      case 'RehearsalProved':
        rollout.provenAt = now;
        return;
      case 'BakeStarted':
        rollout.phase = 'baking';
        rollout.bakeAt = now;
        return;
      case 'StagePassed':
        rollout.phase = 'ready';
        rollout.passed.add(event.data.stage);
        return;
      case 'RolloutPaused':
        rollout.paused = true;
        return;
      case 'RolloutResumed':
        rollout.paused = false;
        return;
      case 'HoldRaised':
        rollout.holds.add(event.data.reason);
        return;
      case 'HoldLifted':
        rollout.holds.delete(event.data.reason);
        return;
      case 'TargetsFailed':
        rollout.failuresTold = event.data.count;
        return;
      case 'RollbackOrdered':
        rollout.phase = 'rollingBack';
        rollout.rollbackPosition = position;
        rollout.rollbackAt = now;
        return;
      case 'RolledBack':
        rollout.phase = 'rolledBack';
        return;
      case 'RolloutCompleted':
        rollout.phase = 'completed';
        for (const [slot, artifact] of Object.entries(rollout.change.slots)) {
          for (const role of rollout.slotRoles[slot] ?? []) {
            const key = `${role}/${slot}`;
            this.goods.set(key, [...(this.goods.get(key) ?? []).filter((one) => one !== artifact), artifact]);
          }
        }
        return;
    }
  }

  /** The stage of a rollout that has opened this target's place; `null`: none has. */
  openedStage(rollout: LoggedRollout, uid: string, role: string, labels: Labels): number | null {
    if (!rollout.change.roles.includes(role)) return null;
    const where = place(rollout.id, uid);
    for (const [index, below] of rollout.below) {
      const selector = rollout.pipeline.stages[index]?.targets ?? {};
      const selected = Object.entries(selector).every(([label, values]) => values.includes(labels[label] ?? ''));
      if (selected && where < below) return index;
    }
    return null;
  }

  /** Rollouts that go forward. */
  *forward(): Iterable<LoggedRollout> {
    for (const rollout of this.rollouts.values())
      if (!['rollingBack', 'rolledBack', 'completed'].includes(rollout.phase)) yield rollout;
  }

  *running(): Iterable<LoggedRollout> {
    for (const rollout of this.rollouts.values())
      if (rollout.phase !== 'rolledBack' && rollout.phase !== 'completed') yield rollout;
  }

  lastKnownGood(role: string, slot: SlotName): Digest | null {
    return this.goods.get(`${role}/${slot}`)?.at(-1) ?? null;
  }
}

/** What the change has for the slots of this role. */
export function artifactsOn(rollout: LoggedRollout, role: string): readonly (readonly [SlotName, Digest])[] {
  return Object.entries(rollout.change.slots).filter(([slot]) => rollout.slotRoles[slot]?.includes(role));
}

function absentAfter(
  before: readonly string[],
  { absent, returned = [] }: { readonly absent: readonly string[]; readonly returned?: readonly string[] },
): readonly string[] {
  return [...before.filter((uid) => !returned.includes(uid)), ...absent];
}

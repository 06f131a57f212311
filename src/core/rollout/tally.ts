import type { Digest } from '../kernel/digest.ts';
import type { DurationMs, Instant } from '../kernel/instant.ts';
import type { SlotName } from '../topology/service.ts';
import type { Target } from '../topology/target.ts';
import { isOpened } from './assignment.ts';
import { stageOf } from './planStages.ts';
import type { Rollout } from './rollout.ts';

/** How many names a tally carries; beyond that it only counts. */
export const NAMED_TARGETS = 50;

/**
 * A target that was cut off a moment ago may be back in a moment (a restart, ours or its own). Until this long after, nobody can
 * say whether it is absent.
 */
export const UNSURE_MS = 20_000;

/**
 * How the targets stand that a rollout has opened: counts, plus the names a person needs. Its size does not grow with
 * the fleet, but for `absent`.
 */
export interface Tally {
  /** Targets in the open part of the present stage, without those that were absent when it opened and still are. */
  readonly opened: number;
  /** Of those: connected, and hold the candidate, verified by reading back and confirmed. */
  readonly confirmed: number;
  /** Of those: under way, or connected without having reported, or cut off for less than the deadline. */
  readonly underway: number;
  /** In every stage opened so far: tried and could not, reverted by themselves, unhealthy, or silent beyond the deadline. */
  readonly failed: number;
  readonly failures: readonly FailedTarget[];
  /** Of all the change's targets: connected, and refuse what they are ordered to hold (law 23). */
  readonly refused: number;
  /** Why, with one target that says so; the most frequent reason first. */
  readonly refusals: readonly RefusedTargets[];
  /** In every stage opened so far: targets that hold, or may hold, the candidate. */
  readonly notBack: number;
  readonly notBackNames: readonly string[];
  /** Uids of the change's targets that are not connected and have not been told of it: what they do not say means nothing. */
  readonly absent: readonly string[];
  /** Connected targets of the change that were not told of it, and how many of those are sick by their own checks all the same. */
  readonly untouched: number;
  readonly untouchedSick: number;
  /** How many of the absent were cut off less than {@link UNSURE_MS} ago. */
  readonly unsure: number;
  /** All targets of the change, staged or not. */
  readonly targets: number;
}

export interface RefusedTargets {
  readonly code: string;
  readonly count: number;
  /** One of them, and what it says. */
  readonly target: string;
  readonly says: string;
}

export interface FailedTarget {
  readonly target: string;
  readonly code: string;
  readonly says: string;
}

/** What is known of one target at this moment. */
export interface Standing {
  readonly target: Target;
  readonly connected: boolean;
  /** Since when it has been cut off; `null` while connected. */
  readonly lostAt: Instant | null;
  /** What it last said of its slots; `null` when it has not reported yet. */
  readonly slots: ReadonlyMap<SlotName, SlotStanding> | null;
  /** Names of its local checks that fail now. */
  readonly failingChecks: readonly string[];
}

export interface SlotStanding {
  readonly generation: number;
  readonly phase: 'settled' | 'preparing' | 'applying' | 'verifying' | 'provisional' | 'reverting' | 'failed';
  readonly current: Digest | null;
  readonly baseline: Digest | null;
  readonly failed: Digest | null;
  readonly failureCode: string;
  readonly failure: string;
  /** Why the target does not take what it was ordered; left out when it was not refused. */
  readonly refusal?: { readonly code: string; readonly says: string };
}

type Progress =
  | { readonly is: 'confirmed' }
  | { readonly is: 'underway' }
  /** It was told, and will not: neither done nor silent. */
  | { readonly is: 'refused' }
  | { readonly is: 'failed'; readonly code: string; readonly says: string };

/** Counts every target the rollout has opened. `lastKnownGood(role, slot)` is what a target must hold to be back, `null` its baseline. */
export function tallyOf(
  rollout: Rollout,
  standings: Iterable<Standing>,
  lastKnownGood: (role: string, slot: SlotName) => Digest | null,
  now: Instant,
): Tally {
  const absentBefore = new Set(rollout.absent);
  const absent: string[] = [];
  const refusals = new Map<string, RefusedTargets>();
  const counts = {
    refused: 0,
    opened: 0,
    confirmed: 0,
    underway: 0,
    failed: 0,
    notBack: 0,
    untouched: 0,
    untouchedSick: 0,
    unsure: 0,
    targets: 0,
  };
  const failures: FailedTarget[] = [];
  const notBackNames: string[] = [];

  for (const standing of standings) {
    const { target } = standing;
    if (target.service !== rollout.change.service || !rollout.change.roles.includes(target.role)) continue;
    const stageIndex = stageOf(rollout.pipeline, target.labels);
    const opened = stageIndex !== null && isOpened(rollout.id, rollout.openings, target);

    const told = opened && (standing.connected || !absentBefore.has(target.uid));

    counts.targets++;
    if (!told && !standing.connected) {
      absent.push(target.uid);
      if (standing.lostAt !== null && now - standing.lostAt < UNSURE_MS) counts.unsure++;
    }
    if (mayHoldCandidate(rollout, standing, told, lastKnownGood)) {
      counts.notBack++;
      if (notBackNames.length < NAMED_TARGETS) notBackNames.push(target.name);
    }
    const refusal = refusalOf(rollout, standing);
    if (refusal !== undefined) {
      counts.refused++;
      const {
        target: first,
        says,
        count,
      } = refusals.get(refusal.code) ?? { target: target.name, says: refusal.says, count: 0 };
      refusals.set(refusal.code, { code: refusal.code, count: count + 1, target: first, says });
    }
    if (!told) {
      if (standing.connected) counts.untouched++;
      if (standing.connected && standing.failingChecks.length > 0) counts.untouchedSick++;
      continue;
    }

    const deadlineMs = rollout.pipeline.stages[stageIndex]?.applyDeadlineMs ?? 0;
    const progress = progressOf(rollout, standing, stageIndex === rollout.stage, deadlineMs, now);
    if (progress.is === 'failed') {
      counts.failed++;
      if (failures.length < NAMED_TARGETS)
        failures.push({ target: target.name, code: progress.code, says: progress.says });
    }
    if (stageIndex === rollout.stage) {
      counts.opened++;
      if (progress.is === 'confirmed') counts.confirmed++;
      if (progress.is === 'underway') counts.underway++;
    }
  }
  const byCount = [...refusals.values()].sort((a, b) => b.count - a.count);
  return { ...counts, failures, refusals: byCount, notBackNames, absent };
}

/** What the target refuses of this rollout. Only what it says now: who cannot be heard is silent, not unwilling. */
function refusalOf(rollout: Rollout, { connected, slots, target }: Standing): SlotStanding['refusal'] {
  if (!connected) return undefined;
  for (const [slot] of slotsOn(rollout, target.role)) {
    const held = slots?.get(slot);
    if (held?.refusal === undefined) continue;
    // A document that was not even accepted has no generation here; then it is the newest that the target has heard.
    if (held.generation >= rollout.position || held.failureCode === 'refused') return held.refusal;
  }
  return undefined;
}

function progressOf(
  rollout: Rollout,
  standing: Standing,
  inPresentStage: boolean,
  deadlineMs: DurationMs,
  now: Instant,
): Progress {
  let confirmed = standing.connected && standing.slots !== null;
  for (const [slot, artifact] of slotsOn(rollout, standing.target.role)) {
    const held = standing.slots?.get(slot);
    if (
      held !== undefined &&
      held.generation >= rollout.position &&
      held.phase === 'failed' &&
      held.refusal === undefined
    ) {
      return { is: 'failed', code: held.failureCode, says: `${slot}: ${held.failure}` };
    }
    if (held?.current !== artifact || held.phase !== 'settled') confirmed = false;
  }
  if (confirmed && standing.failingChecks.length > 0) {
    return { is: 'failed', code: 'unhealthy', says: `its own checks fail: ${standing.failingChecks.join(', ')}` };
  }
  if (confirmed) return { is: 'confirmed' };
  if (refusalOf(rollout, standing) !== undefined) return { is: 'refused' };
  // Law 10: silence is failure. While a wave is open its targets have until the wave's deadline; later, the time since they went quiet counts.
  const waveOpen = inPresentStage && rollout.phase === 'rolling';
  const quietSince = waveOpen ? Math.max(rollout.since, standing.lostAt ?? 0) : standing.lostAt;
  if (quietSince !== null && now - quietSince >= deadlineMs) {
    const says = standing.connected
      ? 'did not confirm the change before its deadline'
      : 'has not been heard of since its deadline passed';
    return { is: 'failed', code: 'silent', says };
  }
  return { is: 'underway' };
}

/**
 * Law 7: a target is back when it says so by effect: connected, at rest, having seen the order to go back, and holding in every
 * slot of the change what it held before. Nothing else is believed.
 */
function mayHoldCandidate(
  rollout: Rollout,
  standing: Standing,
  wasTold: boolean,
  lastKnownGood: (role: string, slot: SlotName) => Digest | null,
): boolean {
  const orderedAt = rollout.rollback?.position ?? rollout.rehearsal?.position ?? rollout.position;
  for (const [slot, artifact] of slotsOn(rollout, standing.target.role)) {
    const held = standing.slots?.get(slot);
    const good = lastKnownGood(standing.target.role, slot) ?? held?.baseline ?? null;
    if (held !== undefined && held.current === artifact && artifact !== good) return true;
    if (!wasTold) continue;
    const atRest = held?.phase === 'settled' || held?.phase === 'failed';
    if (held === undefined || !standing.connected || !atRest || held.generation < orderedAt || held.current !== good)
      return true;
  }
  return false;
}

function slotsOn(rollout: Rollout, role: string): readonly (readonly [SlotName, Digest])[] {
  return Object.entries(rollout.change.slots).filter(([slot]) => rollout.slotRoles[slot]?.includes(role));
}

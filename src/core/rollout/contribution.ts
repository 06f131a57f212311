import type { Digest } from '../kernel/digest.ts';
import type { Instant } from '../kernel/instant.ts';
import { place } from '../kernel/place.ts';
import type { Pipeline } from '../policy/pipeline.ts';
import type { Capacity, Domain } from '../topology/capacity.ts';
import type { SlotName } from '../topology/service.ts';
import { type Absence, wasTold } from './absence.ts';
import { isOpenedAt, type Opening } from './assignment.ts';
import { isMoving, isUnwell, MOVING, waitsForRelease } from './availability.ts';
import { stageOf } from './planStages.ts';
import type { Rollout } from './rollout.ts';
import { signedOtherwise } from './signedOtherwise.ts';
import { orderedAt, type Step } from './steps.ts';
import type { SlotStanding, Standing } from './tally.ts';

/**
 * A target that was cut off a moment ago may be back in a moment (a restart, ours or its own). Until this long after, nobody can
 * say whether it is absent.
 */
export const UNSURE_MS = 20_000;

/**
 * What one target adds to the tally of one rollout. The tally is the sum of these and nothing else, so that it can be kept by
 * adding and taking back single targets.
 *
 * To count something more: add a field here, fill it in in {@link contributionOf}, and add it up in `TallyBook`'s `#count`. If it
 * depends on more of the rollout than {@link TallyBasis} has, put that into the basis: a tally is counted anew when that changes.
 * If it depends on time, lower `until`.
 */
export interface Contribution {
  readonly name: string;
  /** While nothing is heard of the target and the basis stays the same, this is true before that moment. */
  readonly until: Instant;
  readonly opened: boolean;
  readonly confirmed: boolean;
  readonly underway: boolean;
  readonly notBack: boolean;
  /** It holds what cannot be undone, is at rest, and has seen that it is to keep it. */
  readonly kept: boolean;
  readonly absent: boolean;
  readonly unsure: boolean;
  readonly untouched: boolean;
  readonly untouchedSick: boolean;
  readonly failure: { readonly code: string; readonly says: string } | null;
  readonly refusal: { readonly code: string; readonly says: string } | null;
  /** What its floor is counted by; `null` where the service asks for none. */
  readonly domain: Domain | null;
  /** It does not do its work, or may not: cut off, unwell by its own checks, under way, or not known to be none of these (law 11). */
  readonly unavailable: boolean;
  /** It is ordered to move, or moves, and has not come to rest. */
  readonly moving: boolean;
  /** It is under way beyond its deadline, and shows that it is (law 12). */
  readonly slow: boolean;
  /** It is under way, or was and has gone silent: only such a one hangs on when it was ordered to move. */
  readonly waiting: boolean;
  /** When it was ordered to take the candidate; `null` unless it is connected, and under way within its deadline. */
  readonly orderedAt: Instant | null;
}

/** Everything of a rollout, and of the last known goods, that a tally is counted by. */
export interface TallyBasis {
  readonly rollout: string;
  readonly service: string;
  /** For each role of the change: what its targets are to hold, and what they must hold to be back (`null`: their baseline). */
  readonly slots: ReadonlyMap<string, readonly SlotBasis[]>;
  readonly pipeline: Pipeline;
  readonly position: number;
  /** Position of the newest order to go back, or of the start: who has not seen it is not back. */
  readonly orderedAt: number;
  readonly stage: number;
  /** In which steps the present wave was opened, while it is open. */
  readonly steps: readonly Step[] | null;
  /** Everybody is to go back. */
  readonly goingBack: boolean;
  /** How far that has come, where it goes in steps. */
  readonly release: Rollout['release'];
  /** Of what cannot be undone: who has it keeps it. */
  readonly keeping: boolean;
  /** The floor that the service asks for. */
  readonly capacity: Capacity | null;
  readonly openings: readonly Opening[];
  readonly absent: Absence;
}

export interface SlotBasis {
  readonly slot: SlotName;
  readonly artifact: Digest;
  readonly good: Digest | null;
}

/** `lastKnownGood(role, slot)` is what a target must hold to be back, `null` its baseline. */
export function tallyBasisOf(
  rollout: Rollout,
  lastKnownGood: (role: string, slot: SlotName) => Digest | null,
  capacity: Capacity | null = null,
): TallyBasis {
  const slotsOf = (role: string): readonly SlotBasis[] =>
    Object.entries(rollout.change.slots)
      .filter(([slot]) => rollout.slotRoles[slot]?.includes(role))
      .map(([slot, artifact]) => ({ slot, artifact, good: lastKnownGood(role, slot) }));
  return {
    rollout: rollout.id,
    service: rollout.change.service,
    slots: new Map(rollout.change.roles.map((role) => [role, slotsOf(role)])),
    pipeline: rollout.pipeline,
    position: rollout.position,
    orderedAt: rollout.rollback?.position ?? rollout.rehearsal?.position ?? rollout.position,
    stage: rollout.stage,
    steps: rollout.phase === 'rolling' ? rollout.steps : null,
    goingBack: rollout.phase === 'rollingBack' || rollout.phase === 'rehearsing',
    keeping: rollout.change.irreversible !== undefined && rollout.rollback !== null,
    release: rollout.release,
    capacity,
    // Where the record says another thing now than was signed for, who was reached is who the signatures say.
    openings: signedOtherwise(rollout) ?? rollout.openings,
    absent: rollout.absent,
  };
}

/** Whether every target adds the same by both. Two rollouts that are equal but not the same object may be told apart: that costs time only. */
export function isSameBasis(a: TallyBasis, b: TallyBasis): boolean {
  const goodsOf = ({ slots }: TallyBasis) => [...slots.values()].flat().map(({ good }) => good);
  const [before, after] = [goodsOf(a), goodsOf(b)];
  return (
    a.rollout === b.rollout &&
    a.pipeline === b.pipeline &&
    a.position === b.position &&
    a.orderedAt === b.orderedAt &&
    a.stage === b.stage &&
    a.steps === b.steps &&
    a.goingBack === b.goingBack &&
    a.keeping === b.keeping &&
    a.release === b.release &&
    a.capacity === b.capacity &&
    a.openings === b.openings &&
    a.absent === b.absent &&
    before.every((good, index) => good === after[index])
  );
}

/** `null`: not one of the change's targets. */
export function contributionOf(basis: TallyBasis, standing: Standing, now: Instant): Contribution | null {
  const { target, connected, lostAt } = standing;
  const slots = basis.slots.get(target.role);
  if (target.service !== basis.service || slots === undefined) return null;
  const stageIndex = stageOf(basis.pipeline, target.labels);
  const where = place(basis.rollout, target.uid);
  const opened = stageIndex !== null && isOpenedAt(where, basis.openings, target.labels);
  const told = opened && wasTold(basis.absent, standing);
  const absent = !told && !connected;
  const unsure = absent && lostAt !== null && now - lostAt < UNSURE_MS;
  const inPresentStage = told && stageIndex === basis.stage;
  const deadlineMs = basis.pipeline.stages[stageIndex ?? 0]?.applyDeadlineMs ?? 0;
  const refusal = refusalOf(basis, slots, standing);
  const ordered = inPresentStage && basis.steps !== null ? orderedAt(basis.steps, where) : null;
  const silentAt = told ? silentFrom(standing, ordered, deadlineMs) : null;
  const progress: Progress = told ? progressOf(basis, slots, standing, refusal !== null, silentAt, now) : NO_PROGRESS;
  const sureAt = unsure && lostAt !== null ? lostAt + UNSURE_MS : Number.POSITIVE_INFINITY;
  const underway = progress.is === 'underway' || progress.is === 'slow';
  const kept = keepsCandidate(basis, slots, standing);
  const notBack = !kept && mayHoldCandidate(basis, slots, standing, told);
  const waits = waitsForRelease(basis, slots, standing, where);
  const toMove = basis.goingBack ? notBack && !waits : underway || progress === LATE;
  const moving = isMoving(standing, slots, told && toMove);
  return {
    name: target.name,
    until: progress.is === 'underway' && silentAt !== null ? Math.min(sureAt, silentAt) : sureAt,
    opened: inPresentStage,
    confirmed: inPresentStage && progress.is === 'confirmed',
    underway: inPresentStage && underway,
    notBack,
    kept,
    absent,
    unsure,
    untouched: !told && connected,
    untouchedSick: !told && connected && standing.failingChecks.length > 0,
    failure: progress.is === 'failed' ? progress.failure : null,
    refusal,
    domain: basis.capacity === null ? null : { role: target.role, value: target.labels[basis.capacity.domain] ?? '' },
    unavailable: moving || isUnwell(standing, slots),
    moving,
    slow: progress.is === 'slow',
    waiting: underway || progress === LATE || progress === LOST,
    orderedAt: inPresentStage && connected && progress.is === 'underway' ? ordered : null,
  };
}

type Progress =
  | { readonly is: 'confirmed' }
  | { readonly is: 'underway' }
  /** Under way beyond its deadline, as it says itself: late, but neither silent nor failed. */
  | { readonly is: 'slow' }
  /** It was told, and will not: neither done nor silent. */
  | { readonly is: 'refused' }
  /** It was not told. */
  | { readonly is: 'none' }
  | { readonly is: 'failed'; readonly failure: { readonly code: string; readonly says: string } };

const CONFIRMED: Progress = { is: 'confirmed' };
const UNDERWAY: Progress = { is: 'underway' };
const SLOW: Progress = { is: 'slow' };
const REFUSED: Progress = { is: 'refused' };
const NO_PROGRESS: Progress = { is: 'none' };
const LATE = failed('silent', 'did not confirm the change before its deadline');
const LOST = failed('silent', 'has not been heard of since its deadline passed');

function failed(code: string, says: string): Progress {
  return { is: 'failed', failure: { code, says } };
}

/** What the target refuses of this rollout. Only what it says now: who cannot be heard is silent, not unwilling. */
function refusalOf(
  { position }: TallyBasis,
  slots: readonly SlotBasis[],
  standing: Standing,
): NonNullable<SlotStanding['refusal']> | null {
  if (!standing.connected) return null;
  for (const { slot } of slots) {
    const held = standing.slots?.get(slot);
    if (held?.refusal === undefined) continue;
    // A document that was not even accepted has no generation here; then it is the newest that the target has heard.
    if (held.generation >= position || held.failureCode === 'refused') return held.refusal;
  }
  return null;
}

/**
 * Law 10: silence is failure. While a wave is open its targets have until the deadline after their own step; later, the time since
 * they went quiet counts. `null`: it is not quiet.
 */
function silentFrom({ lostAt }: Standing, ordered: Instant | null, deadlineMs: number): Instant | null {
  const quietSince = ordered === null ? lostAt : Math.max(ordered, lostAt ?? 0);
  return quietSince === null ? null : quietSince + deadlineMs;
}

function progressOf(
  { position }: TallyBasis,
  slots: readonly SlotBasis[],
  standing: Standing,
  refuses: boolean,
  silentAt: Instant | null,
  now: Instant,
): Progress {
  let confirmed = standing.connected && standing.slots !== null;
  for (const { slot, artifact } of slots) {
    const held = standing.slots?.get(slot);
    if (held !== undefined && held.generation >= position && held.phase === 'failed' && held.refusal === undefined) {
      return failed(held.failureCode, `${slot}: ${held.failure}`);
    }
    if (held?.current !== artifact || held.phase !== 'settled') confirmed = false;
  }
  if (confirmed && standing.failingChecks.length > 0)
    return failed('unhealthy', `its own checks fail: ${standing.failingChecks.join(', ')}`);
  if (confirmed) return CONFIRMED;
  if (refuses) return REFUSED;
  if (silentAt === null || now < silentAt) return UNDERWAY;
  if (!standing.connected) return LOST;
  // Law 12: who is seen to be at it is slow; its own agent has a limit for each of its steps, and says so when one is passed.
  const atIt = slots.some(({ slot }) => {
    const held = standing.slots?.get(slot);
    return held !== undefined && held.generation >= position && MOVING.has(held.phase);
  });
  return atIt ? SLOW : LATE;
}

/**
 * Law 7: a target is back when it says so by effect: connected, at rest, having seen the order to go back, and holding in every
 * slot of the change what it held before. Nothing else is believed.
 */
function mayHoldCandidate(
  { orderedAt }: TallyBasis,
  slots: readonly SlotBasis[],
  standing: Standing,
  wasTold: boolean,
): boolean {
  for (const { slot, artifact, good: lastKnownGood } of slots) {
    const held = standing.slots?.get(slot);
    const good = lastKnownGood ?? held?.baseline ?? null;
    if (held !== undefined && held.current === artifact && artifact !== good) return true;
    if (!wasTold) continue;
    const atRest = held?.phase === 'settled' || held?.phase === 'failed';
    if (held === undefined || !standing.connected || !atRest || held.generation < orderedAt) return true;
    if (held.current !== good && !isTakenBack(held)) return true;
  }
  return false;
}

/** A person at the target went back further than is ordered, and keeps the rest away. That is back as well. */
function isTakenBack({ phase, failureCode }: SlotStanding): boolean {
  return phase === 'failed' && failureCode === 'taken-back';
}

/**
 * Law 7 where there is no way back: it has seen the order, is at rest, and says by effect that it holds in each slot either what cannot be
 * undone, and keeps it, or what it held before.
 */
function keepsCandidate({ keeping, orderedAt }: TallyBasis, slots: readonly SlotBasis[], standing: Standing): boolean {
  if (!keeping || !standing.connected) return false;
  let has = false;
  for (const { slot, artifact, good: lastKnownGood } of slots) {
    const held = standing.slots?.get(slot);
    const good = lastKnownGood ?? held?.baseline ?? null;
    const atRest = held?.phase === 'settled' || held?.phase === 'failed';
    if (held === undefined || !atRest || held.generation < orderedAt) return false;
    if (held.current !== artifact && held.current !== good) return false;
    has ||= held.current === artifact && artifact !== good;
  }
  return has;
}

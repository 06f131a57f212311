import type { Digest } from '../kernel/digest.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Pipeline } from '../policy/pipeline.ts';
import type { SlotName } from '../topology/service.ts';
import { isOpened, type Opening } from './assignment.ts';
import { stageOf } from './planStages.ts';
import type { Rollout } from './rollout.ts';
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
  readonly absent: boolean;
  readonly unsure: boolean;
  readonly untouched: boolean;
  readonly untouchedSick: boolean;
  readonly failure: { readonly code: string; readonly says: string } | null;
  readonly refusal: { readonly code: string; readonly says: string } | null;
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
  /** When the present wave opened, while it is open. */
  readonly waveOpenSince: Instant | null;
  readonly openings: readonly Opening[];
  readonly absent: readonly string[];
  readonly absentSet: ReadonlySet<string>;
}

interface SlotBasis {
  readonly slot: SlotName;
  readonly artifact: Digest;
  readonly good: Digest | null;
}

/** `lastKnownGood(role, slot)` is what a target must hold to be back, `null` its baseline. */
export function tallyBasisOf(
  rollout: Rollout,
  lastKnownGood: (role: string, slot: SlotName) => Digest | null,
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
    waveOpenSince: rollout.phase === 'rolling' ? rollout.since : null,
    openings: rollout.openings,
    absent: rollout.absent,
    absentSet: new Set(rollout.absent),
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
    a.waveOpenSince === b.waveOpenSince &&
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
  const opened = stageIndex !== null && isOpened(basis.rollout, basis.openings, target);
  const told = opened && (connected || !basis.absentSet.has(target.uid));
  const absent = !told && !connected;
  const unsure = absent && lostAt !== null && now - lostAt < UNSURE_MS;
  const inPresentStage = told && stageIndex === basis.stage;
  const deadlineMs = basis.pipeline.stages[stageIndex ?? 0]?.applyDeadlineMs ?? 0;
  const refusal = refusalOf(basis, slots, standing);
  const silentAt = told ? silentFrom(basis, standing, inPresentStage, deadlineMs) : null;
  const progress: Progress = told ? progressOf(basis, slots, standing, refusal !== null, silentAt, now) : NO_PROGRESS;
  const sureAt = unsure && lostAt !== null ? lostAt + UNSURE_MS : Number.POSITIVE_INFINITY;
  return {
    name: target.name,
    until: progress.is === 'underway' && silentAt !== null ? Math.min(sureAt, silentAt) : sureAt,
    opened: inPresentStage,
    confirmed: inPresentStage && progress.is === 'confirmed',
    underway: inPresentStage && progress.is === 'underway',
    notBack: mayHoldCandidate(basis, slots, standing, told),
    absent,
    unsure,
    untouched: !told && connected,
    untouchedSick: !told && connected && standing.failingChecks.length > 0,
    failure: progress.is === 'failed' ? progress.failure : null,
    refusal,
  };
}

type Progress =
  | { readonly is: 'confirmed' }
  | { readonly is: 'underway' }
  /** It was told, and will not: neither done nor silent. */
  | { readonly is: 'refused' }
  /** It was not told. */
  | { readonly is: 'none' }
  | { readonly is: 'failed'; readonly failure: { readonly code: string; readonly says: string } };

const CONFIRMED: Progress = { is: 'confirmed' };
const UNDERWAY: Progress = { is: 'underway' };
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
 * Law 10: silence is failure. While a wave is open its targets have until the wave's deadline; later, the time since they went
 * quiet counts. `null`: it is not quiet.
 */
function silentFrom(
  { waveOpenSince }: TallyBasis,
  { lostAt }: Standing,
  inPresentStage: boolean,
  deadlineMs: number,
): Instant | null {
  const quietSince = inPresentStage && waveOpenSince !== null ? Math.max(waveOpenSince, lostAt ?? 0) : lostAt;
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
  if (silentAt !== null && now >= silentAt) return standing.connected ? LATE : LOST;
  return UNDERWAY;
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
    if (held === undefined || !standing.connected || !atRest || held.generation < orderedAt || held.current !== good)
      return true;
  }
  return false;
}

import type { Change } from '../../core/policy/change.ts';
import { HOLD_REASONS } from '../../core/rollout/hold.ts';
import type { Pace } from '../../core/rollout/pace.ts';
import type { Evidence, Rehearsal, Rollout } from '../../core/rollout/rollout.ts';
import type { Tally } from '../../core/rollout/tally.ts';
import type { RolloutView } from '../../engine/ports/controlPlane.ts';
import type { RolloutBody, RolloutSummaryBody, RolloutViewBody } from '../../wire/http/rollout.ts';
import { toInstant } from '../../wire/http/schema.ts';
import { toRolloutBreakGlass } from './approvalBodies.ts';
import { toBlast } from './blastBodies.ts';
import { toPeak } from './freezeBodies.ts';
import type { Sent } from './route.ts';
import { toVerdict } from './verdictBodies.ts';

export function toRolloutView(view: RolloutView): Sent<RolloutViewBody> {
  const { rollout, tally, verdicts, exposure, blast, says } = view;
  return {
    rollout: toRollout(rollout),
    tally: toTally(tally),
    verdicts: verdicts.map(toVerdict),
    exposure,
    blast: toBlast(blast),
    says,
  };
}

function toTally(tally: Tally): Sent<RolloutViewBody['tally']> {
  const { opened, confirmed, underway, failed, failures, refused, refusals, notBack, notBackNames } = tally;
  const { absent, moving, slow, slowNames, domains } = tally;
  return {
    opened,
    confirmed,
    underway,
    failed,
    failures,
    refused,
    refusals,
    notBack,
    notBackNames,
    absent,
    moving,
    slow,
    slowNames,
    domains,
  };
}

export function toRolloutSummary({ rollout, says }: Pick<RolloutView, 'rollout' | 'says'>): Sent<RolloutSummaryBody> {
  const { id, change, pipeline, phase, startedBy, plan } = rollout;
  return {
    id,
    service: change.service,
    change: { digest: change.digest, name: change.name },
    pipeline: pipeline.name,
    phase,
    stage: plan[rollout.stage]?.name ?? '',
    stages: plan.length,
    ...standing(rollout),
    startedBy,
    startedAt: toInstant(rollout.startedAt),
    endedAt: rollout.endedAt === null ? null : toInstant(rollout.endedAt),
    says,
  };
}

export function toRollout(rollout: Rollout): Sent<RolloutBody> {
  const { id, pipeline, plan, startedBy, phase, stage, wave, openings, accepted, failed, failedCount, stragglers } =
    rollout;
  return {
    id,
    change: toChangeOf(rollout.change),
    pipeline,
    plan,
    position: rollout.position,
    fastTrack: rollout.fastTrack ?? false,
    breakGlass: toRolloutBreakGlass(rollout),
    startedBy,
    startedAt: toInstant(rollout.startedAt),
    phase,
    sinceAt: toInstant(rollout.since),
    stage,
    wave,
    openings,
    ...standing(rollout),
    heldSinceAt: rollout.heldSince === null ? null : toInstant(rollout.heldSince),
    accepted,
    pace: rollout.pace === null ? null : toPace(rollout.pace),
    rehearsal: rollout.rehearsal === null ? null : toRehearsal(rollout.rehearsal),
    evidence: rollout.evidence.map(toEvidence),
    revoked: rollout.revoked.map((one) => ({ ...one, at: toInstant(one.at) })),
    failed,
    failedCount,
    stragglers,
    kept: rollout.kept ?? null,
    endedAt: rollout.endedAt === null ? null : toInstant(rollout.endedAt),
  };
}

/** What keeps it from going on. */
function standing({ holds, paused, rollback }: Rollout): Sent<Pick<RolloutBody, 'holds' | 'paused' | 'rollback'>> {
  return {
    holds: holds.map((reason) => ({ reason, says: HOLD_REASONS[reason] })),
    paused: paused === null ? null : { by: paused.by, reason: paused.reason, at: toInstant(paused.at) },
    rollback:
      rollback === null
        ? null
        : { by: rollback.by, code: rollback.code, says: rollback.says, at: toInstant(rollback.at) },
  };
}

function toEvidence(evidence: Evidence): Sent<RolloutBody['evidence'][number]> {
  const { change, stage, at, verdicts, exposure, peak, rehearsal } = evidence;
  const proof = rehearsal === null ? null : { ...rehearsal, provenAt: toInstant(rehearsal.provenAt) };
  return {
    change,
    stage,
    at: toInstant(at),
    verdicts: verdicts.map(toVerdict),
    exposure,
    rehearsal: proof,
    ...(peak === undefined ? {} : { peak: toPeak(peak) }),
  };
}

function toRehearsal({ startedAt, provenAt, targets }: Rehearsal): Sent<NonNullable<RolloutBody['rehearsal']>> {
  return { startedAt: toInstant(startedAt), provenAt: provenAt === null ? null : toInstant(provenAt), targets };
}

function toPace({ concurrency, says, at, usualMs }: Pace): Sent<NonNullable<RolloutBody['pace']>> {
  return { concurrency, says, at: toInstant(at), usualMs };
}

function toChangeOf({ newPath: _, labels: __, ...change }: Change): Sent<RolloutBody['change']> {
  return change;
}

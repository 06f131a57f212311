import { assert } from '../kernel/assert.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Breakable } from '../policy/breakGlass.ts';
import type { RecordedEvent } from '../record/event.ts';
import { takeContact } from './absence.ts';
import { paceAfter, paceOfWave } from './paceOfWave.ts';
import { addReached } from './reached.ts';
import type { Rollout } from './rollout.ts';
import { addStep } from './steps.ts';
import { widenWave } from './widenWave.ts';

/** Rollout events after the one that starts it. */
export type RolloutEvent = Extract<
  RecordedEvent,
  {
    readonly type:
      | 'WaveOpened'
      | 'WaveWidened'
      | 'PaceChanged'
      | 'ReleaseWidened'
      | 'RehearsalStarted'
      | 'RehearsalProved'
      | 'BakeStarted'
      | 'StagePassed'
      | 'EvidenceSigned'
      | 'EvidenceRevoked'
      | 'HoldRaised'
      | 'HoldLifted'
      | 'HoldsAccepted'
      | 'TargetsFailed'
      | 'BreakGlassUsed'
      | 'RolloutPaused'
      | 'RolloutResumed'
      | 'RollbackOrdered'
      | 'StragglersListed'
      | 'RolledBack'
      | 'RolloutCompleted';
  }
>;

/** A rollout as its first event makes it: nothing is open yet; the first wave's own event follows in the same append. */
export function startRollout(event: Extract<RecordedEvent, { readonly type: 'RolloutStarted' }>): Rollout {
  return {
    ...event.data,
    position: event.position,
    edition: 0,
    breakGlass: null,
    startedBy: event.actor,
    startedAt: event.at,
    phase: 'rolling',
    since: event.at,
    stage: 0,
    wave: 0,
    stageOpenedAt: event.at,
    openings: [],
    permitted: null,
    reached: [],
    steps: [],
    pace: null,
    release: null,
    absent: new Map(),
    holds: [],
    heldSince: null,
    paused: null,
    accepted: [],
    rehearsal: null,
    evidence: [],
    signedEvidence: [],
    revoked: [],
    failed: [],
    failedCount: 0,
    failedSince: null,
    rollback: null,
    stragglers: [],
    endedAt: null,
  };
}

/** Applies one event. Total: the log has already decided, nothing is refused here. */
export function evolveRollout(rollout: Rollout, event: RolloutEvent): Rollout {
  switch (event.type) {
    case 'WaveOpened':
      return openWave(rollout, event);
    case 'WaveWidened':
      return widenWave(rollout, event);
    case 'ReleaseWidened':
      return { ...rollout, release: { below: event.data.below, at: event.at } };
    case 'PaceChanged':
      return { ...rollout, pace: paceAfter(rollout.pace, event.data.pace, event.at) };
    case 'RehearsalStarted': {
      const rehearsal = { position: event.position, startedAt: event.at, provenAt: null, targets: 0 };
      return { ...rollout, phase: 'rehearsing', since: event.at, rehearsal };
    }
    case 'RehearsalProved':
      assert(rollout.rehearsal !== null, 'only a rehearsal that was started is proven');
      return { ...rollout, rehearsal: { ...rollout.rehearsal, provenAt: event.at, targets: event.data.targets } };
    case 'BakeStarted':
      return { ...rollout, phase: 'baking', since: event.at };
    case 'StagePassed':
      return passStage(rollout, event);
    case 'EvidenceSigned':
      return keepSigned(rollout, event.data);
    case 'EvidenceRevoked': {
      const { stage, reason } = event.data;
      return { ...rollout, revoked: [...rollout.revoked, { stage, reason, by: event.actor, at: event.at }] };
    }
    case 'HoldRaised':
      return { ...rollout, holds: [...rollout.holds, event.data.reason], heldSince: rollout.heldSince ?? event.at };
    case 'HoldLifted':
      return liftHold(rollout, event.data.reason, event.at);
    case 'HoldsAccepted':
      return withoutHolds({ ...rollout, accepted: [...rollout.accepted, ...event.data.reasons] }, event.data.reasons);
    case 'TargetsFailed':
      return {
        ...rollout,
        failed: event.data.failed,
        failedCount: event.data.count,
        failedSince: rollout.failedSince ?? event.at,
      };
    case 'BreakGlassUsed':
      return breakGates(rollout, event.data.gates);
    case 'RolloutPaused':
      return { ...rollout, paused: { by: event.actor, reason: event.data.reason, at: event.at } };
    case 'RolloutResumed':
      return { ...rollout, paused: null };
    case 'RollbackOrdered':
      return {
        ...rollout,
        phase: 'rollingBack',
        since: event.at,
        holds: [],
        heldSince: null,
        paused: null,
        rollback: {
          position: event.position,
          by: event.actor,
          code: event.data.code,
          says: event.data.says,
          verdicts: event.data.verdicts,
          at: event.at,
        },
      };
    case 'StragglersListed':
      return { ...rollout, stragglers: event.data.targets };
    case 'RolledBack':
      return { ...rollout, ...ended(event), phase: 'rolledBack', stragglers: [] };
    case 'RolloutCompleted':
      return { ...rollout, phase: 'completed', since: event.at, endedAt: event.at };
  }
}

function ended({
  at,
  data,
}: Extract<RolloutEvent, { readonly type: 'RolledBack' }>): Pick<Rollout, 'since' | 'endedAt' | 'kept'> {
  return { since: at, endedAt: at, ...(data.kept === undefined ? {} : { kept: data.kept }) };
}

function breakGates(rollout: Rollout, gates: readonly Breakable[]): Rollout {
  const { breakGlass } = rollout;
  assert(breakGlass !== null, `${rollout.id} uses break-glass that it does not have`);
  return { ...rollout, breakGlass: { ...breakGlass, gates: [...new Set([...breakGlass.gates, ...gates])] } };
}

/** A stage that bakes anew passes anew: what it had proven before is replaced. */
function passStage(rollout: Rollout, event: Extract<RolloutEvent, { readonly type: 'StagePassed' }>): Rollout {
  const { stage, evidence } = event.data;
  return {
    ...rollout,
    phase: 'ready',
    since: event.at,
    evidence: [...rollout.evidence.slice(0, stage), evidence],
    signedEvidence: rollout.signedEvidence.slice(0, stage),
    revoked: rollout.revoked.filter((one) => one.stage !== stage),
  };
}

function keepSigned(
  rollout: Rollout,
  { stage, role, evidence }: Extract<RolloutEvent, { readonly type: 'EvidenceSigned' }>['data'],
): Rollout {
  const signedEvidence = [...rollout.signedEvidence];
  signedEvidence[stage] = { ...signedEvidence[stage], [role]: evidence };
  return { ...rollout, signedEvidence };
}

function openWave(rollout: Rollout, event: Extract<RolloutEvent, { readonly type: 'WaveOpened' }>): Rollout {
  const { stage, wave, below } = event.data;
  const spec = rollout.pipeline.stages[stage];
  if (spec === undefined) throw new Error(`invariant broken: ${rollout.id} opens stage ${stage}, beyond its pipeline`);
  const opening = { stage: spec.name, targets: spec.targets, below };
  return {
    ...rollout,
    phase: 'rolling',
    since: event.at,
    stage,
    wave,
    stageOpenedAt: stage === rollout.stage && rollout.openings.length > 0 ? rollout.stageOpenedAt : event.at,
    openings: [...rollout.openings.slice(0, stage), opening],
    reached: addReached(rollout.reached, { stage, below, at: event.at }),
    steps: addStep([], { below, at: event.at }, spec.applyDeadlineMs),
    pace: paceOfWave(rollout, event),
    release: null,
    absent: takeContact(rollout.absent, event.data, event.position),
    accepted: stage === rollout.stage ? rollout.accepted : [],
  };
}

/** The time in a freeze does not count against the holds that outlast it: nobody could have acted on them. */
function liftHold(rollout: Rollout, reason: string, at: Instant): Rollout {
  const lifted = withoutHolds(rollout, [reason]);
  return reason === 'frozen' && lifted.heldSince !== null ? { ...lifted, heldSince: at } : lifted;
}

function withoutHolds(rollout: Rollout, reasons: readonly string[]): Rollout {
  const holds = rollout.holds.filter((reason) => !reasons.includes(reason));
  return { ...rollout, holds, heldSince: holds.length === 0 ? null : rollout.heldSince };
}

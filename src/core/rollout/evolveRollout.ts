import type { RecordedEvent } from '../record/event.ts';
import type { Rollout } from './rollout.ts';

/** Rollout events after the one that starts it. */
export type RolloutEvent = Extract<
  RecordedEvent,
  {
    readonly type:
      | 'WaveOpened'
      | 'BakeStarted'
      | 'StagePassed'
      | 'HoldRaised'
      | 'HoldLifted'
      | 'HoldsAccepted'
      | 'TargetsFailed'
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
    startedBy: event.actor,
    startedAt: event.at,
    phase: 'rolling',
    since: event.at,
    stage: 0,
    wave: 0,
    openings: [],
    absent: [],
    holds: [],
    heldSince: null,
    paused: null,
    accepted: [],
    evidence: [],
    failed: [],
    failedCount: 0,
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
    case 'BakeStarted':
      return { ...rollout, phase: 'baking', since: event.at };
    case 'StagePassed':
      return { ...rollout, phase: 'ready', since: event.at, evidence: [...rollout.evidence, event.data.evidence] };
    case 'HoldRaised':
      return { ...rollout, holds: [...rollout.holds, event.data.reason], heldSince: rollout.heldSince ?? event.at };
    case 'HoldLifted':
      return withoutHolds(rollout, [event.data.reason]);
    case 'HoldsAccepted':
      return withoutHolds({ ...rollout, accepted: [...rollout.accepted, ...event.data.reasons] }, event.data.reasons);
    case 'TargetsFailed':
      return { ...rollout, failed: event.data.failed, failedCount: event.data.count };
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
      return { ...rollout, phase: 'rolledBack', since: event.at, stragglers: [], endedAt: event.at };
    case 'RolloutCompleted':
      return { ...rollout, phase: 'completed', since: event.at, endedAt: event.at };
  }
}

function openWave(rollout: Rollout, event: Extract<RolloutEvent, { readonly type: 'WaveOpened' }>): Rollout {
  const { stage, wave, below, absent } = event.data;
  const spec = rollout.pipeline.stages[stage];
  if (spec === undefined) throw new Error(`invariant broken: ${rollout.id} opens stage ${stage}, beyond its pipeline`);
  const opening = { stage: spec.name, targets: spec.targets, below };
  return {
    ...rollout,
    phase: 'rolling',
    since: event.at,
    stage,
    wave,
    openings: [...rollout.openings.slice(0, stage), opening],
    absent,
    accepted: stage === rollout.stage ? rollout.accepted : [],
  };
}

function withoutHolds(rollout: Rollout, reasons: readonly string[]): Rollout {
  const holds = rollout.holds.filter((reason) => !reasons.includes(reason));
  return { ...rollout, holds, heldSince: holds.length === 0 ? null : rollout.heldSince };
}

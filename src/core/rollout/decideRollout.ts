import type { Instant } from '../kernel/instant.ts';
import type { Refusal } from '../kernel/refusal.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { refuseShut } from '../policy/consent.ts';
import { refuseFrozen } from '../policy/freeze.ts';
import { refuseByRules } from '../policy/rule.ts';
import type { DomainEvent } from '../record/event.ts';
import { assessBack } from './assessBack.ts';
import { assessForward } from './assessForward.ts';
import type { Assessment } from './assessment.ts';
import { isAllRed, mayTurnAllRed } from './commonCause.ts';
import { findBreach, orderRollback } from './findBreach.ts';
import { holdsFromPermits } from './gatherHolds.ts';
import { ACCEPTABLE_HOLDS, HOLD_REASONS } from './hold.ts';
import { aheadOf, openAhead } from './openAhead.ts';
import { breakGlassUsed, peopleGate } from './peopleGate.ts';
import { presentStage } from './presentStage.ts';
import type { Rollout, RolloutPhase } from './rollout.ts';
import { rulesAgainst } from './ruleGate.ts';
import { sayReason } from './sayReason.ts';
import { holdsFromBlame } from './tellApart.ts';

/** What can happen to a rollout. `assess` comes from the engine, again and again; the rest from people. */
export type RolloutInput =
  | { readonly type: 'assess'; readonly assessment: Assessment }
  | { readonly type: 'pause'; readonly reason: string }
  | { readonly type: 'resume' }
  | { readonly type: 'promote'; readonly assessment: Assessment }
  | { readonly type: 'rollback'; readonly reason: string };

type InputType = RolloutInput['type'];
export type Decision = Result<readonly DomainEvent[], Refusal>;
type Handler<T extends InputType> = (
  rollout: Rollout,
  input: Extract<RolloutInput, { type: T }>,
  now: Instant,
) => Decision;

/** Every phase × every input. There is no default: a phase or an input that is added does not compile until each has its answer. */
export const TRANSITIONS: { readonly [P in RolloutPhase]: { readonly [T in InputType]: Handler<T> } } = {
  rolling: { assess: assessForward, pause, resume, promote: refuseWithoutEvidence, rollback: orderByPerson },
  rehearsing: {
    assess: assessForward,
    pause,
    resume,
    promote: refuseWithoutEvidence,
    rollback: orderByPerson,
  },
  baking: { assess: assessForward, pause, resume, promote: refuseWithoutEvidence, rollback: orderByPerson },
  ready: { assess: assessForward, pause, resume, promote, rollback: orderByPerson },
  rollingBack: {
    assess: assessBack,
    pause: refuseBack,
    resume: refuseBack,
    promote: refuseBack,
    rollback: acceptRepeat,
  },
  rolledBack: {
    assess: nothing,
    pause: refuseEnded,
    resume: refuseEnded,
    promote: refuseEnded,
    rollback: acceptRepeat,
  },
  completed: {
    assess: nothing,
    pause: refuseEnded,
    resume: refuseEnded,
    promote: refuseEnded,
    rollback: refuseCompleted,
  },
};

/** Decides; changes nothing. Events come in the order in which they are to be recorded; none means that nothing changes. */
export function decideRollout(rollout: Rollout, input: RolloutInput, now: Instant): Decision {
  // The table's type pairs each handler with its input; the compiler cannot follow that through the lookup.
  const handler = TRANSITIONS[rollout.phase][input.type] as Handler<InputType>;
  return handler(rollout, input as never, now);
}

function pause(rollout: Rollout, { reason }: { readonly reason: string }): Decision {
  if (rollout.paused !== null) return ok([]);
  return ok([{ type: 'RolloutPaused', data: { id: rollout.id, reason } }]);
}

/** Takes back a pause, and accepts what a person may accept. Missing evidence is not among it (law 2). */
function resume(rollout: Rollout): Decision {
  const events: DomainEvent[] = [];
  if (rollout.paused !== null) events.push({ type: 'RolloutResumed', data: { id: rollout.id } });
  const accepted = rollout.holds.filter((reason) => ACCEPTABLE_HOLDS.includes(reason));
  if (accepted.length > 0) events.push({ type: 'HoldsAccepted', data: { id: rollout.id, reasons: accepted } });
  if (bakesAnew(rollout)) events.push({ type: 'BakeStarted', data: { id: rollout.id, stage: rollout.stage } });
  if (events.length > 0) return ok(events);
  if (rollout.holds.length === 0) {
    return err({
      code: 'not-possible-now',
      says: `${rollout.id} is neither paused nor held; there is nothing to resume`,
    });
  }
  return err({
    code: 'no-evidence',
    says: `${rollout.id} is held by ${rollout.holds.join(', ')}: ${rollout.holds.map((reason) => HOLD_REASONS[reason]).join('; ')}`,
    remedy: 'these holds lift by themselves when their cause is gone; else roll back',
  });
}

/** Nobody can vouch for evidence that has expired or was taken back, but the stage that it was of can gather it anew. */
function bakesAnew({ phase, holds, revoked, stage }: Rollout): boolean {
  if (phase !== 'ready' || revoked.some((one) => one.stage !== stage)) return false;
  return holds.includes('evidence-expired') || holds.includes('evidence-revoked');
}

function promote(rollout: Rollout, { assessment }: { readonly assessment: Assessment }, now: Instant): Decision {
  const breach = findBreach(rollout, assessment, now);
  if (breach !== null) return ok(breach);
  const people = peopleGate(rollout, [], assessment, now);
  if (people.holds.includes('line-halted')) {
    return err({
      code: 'line-halted',
      says: `the line is halted; ${rollout.id} cannot open its next stage`,
      remedy: 'lift the halt first',
    });
  }
  const frozen = people.holds.includes('frozen') ? refuseFrozen(assessment.freezes, now) : null;
  const shut = frozen ?? refuseShut(people.gates);
  if (shut !== null) return err(shut);
  if (rollout.paused !== null) {
    return err({
      code: 'not-possible-now',
      says: `${rollout.id} is paused by ${rollout.paused.by}`,
      remedy: 'resume it first',
    });
  }
  const { tally } = assessment;
  if (isAllRed(tally) || mayTurnAllRed(rollout, tally, now)) {
    return err({
      code: 'not-possible-now',
      says: `${rollout.id} cannot open its next stage: ${tally.failed} of its targets fail their own checks`,
      remedy: 'wait until they do not any more, or roll back',
    });
  }
  const [accused] = holdsFromBlame(rollout, assessment);
  if (accused !== undefined) {
    return err({
      code: 'not-possible-now',
      says: `${rollout.id} cannot open its next stage: ${sayReason(accused, rollout, assessment)}`,
      remedy: 'wait until it is clear, or roll back',
    });
  }
  const [closed] = holdsFromPermits(rollout, assessment, now);
  if (closed !== undefined) {
    return err({
      code: 'no-evidence',
      says: `${rollout.id} cannot open its next stage: ${sayReason(closed, rollout, assessment)}`,
      remedy:
        closed === 'permit-refused'
          ? 'put right what they name, or roll back'
          : `ringfence rollout resume ${rollout.id}, or roll back`,
    });
  }
  const opening = openNextStage(rollout, assessment);
  if (opening.length === 0) {
    return err({
      code: 'not-possible-now',
      says: `${rollout.id} cannot open its next stage: ${sayReason('no-capacity', rollout, assessment)}`,
      remedy: 'wait until there is room, or bring back what is away',
    });
  }
  const [ruled] = refuseByRules(rulesAgainst(rollout, opening, assessment, now));
  if (ruled !== undefined) return err(ruled);
  const lifted: readonly DomainEvent[] = rollout.holds.map((reason) => ({
    type: 'HoldLifted',
    data: { id: rollout.id, reason },
  }));
  return ok([...lifted, ...breakGlassUsed(rollout, people.broken, opening), ...opening]);
}

function refuseWithoutEvidence(rollout: Rollout): Decision {
  const stage = presentStage(rollout).name;
  return err({
    code: 'no-evidence',
    says: `stage "${stage}" of ${rollout.id} is ${rollout.phase} and has no passing evidence yet`,
    remedy: 'wait for its bake to pass, or roll back',
  });
}

function orderByPerson(rollout: Rollout, { reason }: { readonly reason: string }): Decision {
  return ok(orderRollback(rollout, 'person', reason === '' ? 'ordered by a person' : reason, []));
}

function acceptRepeat(): Decision {
  return ok([]);
}

function nothing(): Decision {
  return ok([]);
}

function refuseBack(rollout: Rollout): Decision {
  return err({ code: 'not-possible-now', says: `${rollout.id} is rolling back; nothing stops that or turns it round` });
}

function refuseEnded(rollout: Rollout): Decision {
  return err({
    code: 'rollout-ended',
    says: `${rollout.id} has ended: ${rollout.phase === 'completed' ? 'completed' : 'rolled back'}`,
  });
}

function refuseCompleted(rollout: Rollout): Decision {
  return err({
    code: 'rollout-ended',
    says: `${rollout.id} is completed; its change is the last known good now`,
    remedy: 'start a rollout of the change that should take its place',
  });
}

/** Empty where nothing can be opened now. */
function openNextStage(rollout: Rollout, assessment: Assessment): readonly DomainEvent[] {
  const ahead = aheadOf(rollout);
  const opening = ahead === null ? null : openAhead(rollout, ahead, assessment);
  return opening?.kind === 'events' ? opening.events : [];
}

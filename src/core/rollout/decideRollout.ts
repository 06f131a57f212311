import type { Verdict } from '../analysis/verdict.ts';
import { formatDuration, type Instant } from '../kernel/instant.ts';
import type { Refusal } from '../kernel/refusal.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { bindingAt, refuseFrozen, sayFrozen } from '../policy/freeze.ts';
import { evidenceValidMs, type Stage } from '../policy/pipeline.ts';
import type { DomainEvent } from '../record/event.ts';
import type { Assessment } from './assessment.ts';
import { ACCEPTABLE_HOLDS, HOLD_REASONS, type HoldReason } from './hold.ts';
import type { Evidence, RollbackCode, Rollout, RolloutPhase } from './rollout.ts';
import { sayReason } from './sayReason.ts';
import type { Tally } from './tally.ts';

/** What can happen to a rollout. `assess` comes from the engine, again and again; the rest from people. */
export type RolloutInput =
  | { readonly type: 'assess'; readonly assessment: Assessment }
  | { readonly type: 'pause'; readonly reason: string }
  | { readonly type: 'resume' }
  | { readonly type: 'promote'; readonly assessment: Assessment }
  | { readonly type: 'rollback'; readonly reason: string };

/** In a large fleet somebody is always reconnecting; so many are not waited for. */
const TOLERATED_UNSURE = 0.01;

type InputType = RolloutInput['type'];
type Decision = Result<readonly DomainEvent[], Refusal>;
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

function assessForward(rollout: Rollout, { assessment }: { readonly assessment: Assessment }, now: Instant): Decision {
  const breach = findBreach(rollout, assessment, now);
  if (breach !== null) return ok([...newFailures(rollout, assessment), ...breach]);

  const stage = presentStage(rollout);
  const events: DomainEvent[] = [...newFailures(rollout, assessment)];
  const progress = nextStep(rollout, stage, assessment, now);
  const holds = progress.kind === 'blocked' ? progress.holds : new Set<HoldReason>();
  for (const reason of holdsFromPermits(rollout, assessment, now)) holds.add(reason);
  if (assessment.lineHalted) holds.add('line-halted');
  if (isAllRed(assessment.tally)) holds.add('all-red');
  const frozen = bindingAt(assessment.freezes, now);
  if (frozen.length > 0) holds.add('frozen');
  if (rollout.paused !== null && now - rollout.paused.at >= rollout.pipeline.pausedDeadlineMs)
    holds.add('pause-expired');
  for (const reason of rollout.holds)
    if (!holds.has(reason)) events.push({ type: 'HoldLifted', data: { id: rollout.id, reason } });
  for (const reason of holds) {
    if (!rollout.holds.includes(reason)) {
      const says = reason === 'frozen' ? sayFrozen(frozen) : sayReason(reason, rollout, assessment);
      events.push({ type: 'HoldRaised', data: { id: rollout.id, reason, says } });
    }
  }
  if (progress.kind === 'step' && holds.size === 0 && rollout.paused === null) events.push(...progress.events);
  return ok(events);
}

type NextStep =
  | { readonly kind: 'step'; readonly events: readonly DomainEvent[] }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'blocked'; readonly holds: Set<HoldReason> };

/** What would come next if nothing held it: a wave, a bake, evidence, the next stage; or what it waits for. */
function nextStep(rollout: Rollout, stage: Stage, assessment: Assessment, now: Instant): NextStep {
  const { tally } = assessment;
  // Right after a restart nobody is connected; opening a wave then would take the whole fleet for absent.
  const settledContact = tally.unsure <= tally.targets * TOLERATED_UNSURE;
  if (rollout.phase === 'ready') {
    if (stage.promote === 'manual') return blocked('awaiting-promotion');
    if (!settledContact) return { kind: 'waiting' };
    return { kind: 'step', events: openNextStage(rollout, assessment) };
  }
  if (tally.opened === 0) return blocked('no-targets-connected');
  const settled = tally.underway === 0;
  if (rollout.phase === 'rehearsing') {
    if (tally.notBack > 0 || !settledContact) return { kind: 'waiting' };
    return { kind: 'step', events: endRehearsal(rollout, assessment) };
  }
  if (rollout.phase === 'rolling') {
    if (!settled || !settledContact) return { kind: 'waiting' };
    return { kind: 'step', events: [afterWave(rollout, assessment)] };
  }
  const verdicts = assessment.verdicts[rollout.stage] ?? [];
  const missing = holdsFromBake(rollout, stage, verdicts, assessment);
  const over = now - rollout.since >= stage.bake.deadlineMs;
  // A signal that fails holds at once; what is only not known yet holds when its time is up.
  const raised = new Set([...missing].filter((reason) => over || reason === 'signal-failed'));
  if (raised.size > 0) return { kind: 'blocked', holds: raised };
  if (missing.size > 0 || !settled || !settledContact || now - rollout.since < stage.bake.minimumMs)
    return { kind: 'waiting' };
  return { kind: 'step', events: passStage(rollout, verdicts, assessment, now) };
}

/** A wave has settled: the next one, the rehearsal, or the bake. */
function afterWave(rollout: Rollout, assessment: Assessment): DomainEvent {
  const { id, stage } = rollout;
  const next = rollout.plan[stage]?.waves[rollout.wave + 1];
  if (next !== undefined) return openWave(rollout, stage, rollout.wave + 1, next.below, assessment);
  const rehearse = stage === 0 && rollout.pipeline.rehearse && rollout.rehearsal === null;
  return rehearse ? { type: 'RehearsalStarted', data: { id } } : { type: 'BakeStarted', data: { id, stage } };
}

/** Law 6: everybody went back, by effect; now the same targets go forward again, all at once, for they have been there before. */
function endRehearsal(rollout: Rollout, assessment: Assessment): readonly DomainEvent[] {
  const proved: DomainEvent = {
    type: 'RehearsalProved',
    data: { id: rollout.id, targets: assessment.tally.opened },
  };
  return [proved, openWave(rollout, rollout.stage, rollout.wave, 1, assessment)];
}

/** Laws 2 and 23: the gate is closed while targets refuse their permit, or the evidence it would open on is not good any more. */
function holdsFromPermits(rollout: Rollout, { tally }: Assessment, now: Instant): Set<HoldReason> {
  const holds = new Set<HoldReason>();
  if (tally.refused > 0) holds.add('permit-refused');
  if (rollout.phase === 'ready' && hasExpired(rollout, now)) holds.add('evidence-expired');
  // A stage that bakes anew is on its way to other evidence.
  const anew = rollout.phase === 'baking' ? rollout.stage : -1;
  if (rollout.revoked.some(({ stage }) => stage !== anew)) holds.add('evidence-revoked');
  return holds;
}

function hasExpired(rollout: Rollout, now: Instant): boolean {
  const newest = rollout.evidence.at(-1);
  return newest !== undefined && now >= newest.at + evidenceValidMs(rollout.pipeline);
}

/** Law 2: only explicit passes of every check for every role, and the exposure asked for, let the bake end. */
function holdsFromBake(
  rollout: Rollout,
  stage: Stage,
  verdicts: readonly Verdict[],
  assessment: Assessment,
): Set<HoldReason> {
  const missing = new Set<HoldReason>();
  const { exposure } = stage.bake;
  for (const role of rollout.change.roles) {
    if (exposure !== null && (assessment.exposure[role] ?? 0) < exposure.atLeast) missing.add('too-little-exposure');
    for (const check of rollout.pipeline.checks) {
      const verdict = verdicts.find((one) => one.check === check.name && one.role === role);
      const outcome = verdict?.outcome ?? 'no-data';
      if (outcome === 'no-data') missing.add('no-data');
      if (outcome === 'error') missing.add('check-error');
      if (outcome === 'inconclusive') missing.add('inconclusive');
      if (outcome === 'fail' && check.effect === 'signal' && !rollout.accepted.includes('signal-failed'))
        missing.add('signal-failed');
    }
  }
  return missing;
}

function passStage(
  rollout: Rollout,
  verdicts: readonly Verdict[],
  assessment: Assessment,
  now: Instant,
): readonly DomainEvent[] {
  const { id, stage } = rollout;
  const evidence = {
    change: rollout.change.digest,
    stage: presentStage(rollout).name,
    at: now,
    verdicts,
    exposure: assessment.exposure,
    rehearsal: stage === 0 ? proofOf(rollout) : null,
  };
  const passed: DomainEvent = { type: 'StagePassed', data: { id, stage, evidence } };
  // Law 8: only here, after the last stage's bake, is a last known good earned.
  if (stage === rollout.pipeline.stages.length - 1) return [passed, { type: 'RolloutCompleted', data: { id } }];
  if (presentStage(rollout).promote === 'manual') return [passed];
  return [passed, ...openNextStage(rollout, assessment)];
}

function proofOf({ rehearsal }: Rollout): Evidence['rehearsal'] {
  if (rehearsal === null || rehearsal.provenAt === null) return null;
  const { provenAt, startedAt, targets } = rehearsal;
  return { provenAt, tookMs: provenAt - startedAt, targets };
}

function openNextStage(rollout: Rollout, assessment: Assessment): readonly DomainEvent[] {
  const stage = rollout.stage + 1;
  const first = rollout.plan[stage]?.waves[0];
  return first === undefined ? [] : [openWave(rollout, stage, 0, first.below, assessment)];
}

function openWave(rollout: Rollout, stage: number, wave: number, below: number, assessment: Assessment): DomainEvent {
  return { type: 'WaveOpened', data: { id: rollout.id, stage, wave, below, absent: assessment.tally.absent } };
}

/** Law 22: harm counts in every phase that is not over, held and paused ones included, and for every stage opened so far. */
function findBreach(rollout: Rollout, assessment: Assessment, now: Instant): readonly DomainEvent[] | null {
  const failing = assessment.verdicts
    .flat()
    .filter((verdict) => verdict.outcome === 'fail' && isGuardrail(rollout, verdict));
  if (failing.length > 0) {
    return orderRollback(rollout, 'guardrail-failed', failing.map((verdict) => verdict.says).join('; '), failing);
  }
  const { tally } = assessment;
  if (tally.failed > presentStage(rollout).tolerateFailures && !isAllRed(tally)) {
    const silent = tally.failures.every((failure) => failure.code === 'silent');
    const named = tally.failures.slice(0, 3).map((failure) => `${failure.target}: ${failure.says} (${failure.code})`);
    const more = tally.failed > named.length ? ` and ${tally.failed - named.length} more` : '';
    return orderRollback(rollout, silent ? 'silence' : 'target-failed', `${named.join('; ')}${more}`, []);
  }
  const late = now - rollout.since >= presentStage(rollout).applyDeadlineMs;
  if (rollout.phase === 'rehearsing' && tally.notBack > 0 && late) {
    const says = `the rehearsal did not bring back ${tally.notBackNames.slice(0, 3).join(', ')} (${tally.notBack} in all) before its deadline`;
    return orderRollback(rollout, 'rehearsal-failed', says, []);
  }
  // The deadline is for people to act in, and in a freeze they may not; its end starts the deadline anew.
  const frozen = rollout.holds.includes('frozen') || bindingAt(assessment.freezes, now).length > 0;
  if (!frozen && rollout.heldSince !== null && now - rollout.heldSince >= rollout.pipeline.heldDeadlineMs) {
    const says = `held for ${formatDuration(now - rollout.heldSince)} (${rollout.holds.join(', ')}), at most ${formatDuration(rollout.pipeline.heldDeadlineMs)} allowed`;
    return orderRollback(rollout, 'held-too-long', says, []);
  }
  return null;
}

/**
 * Law 17: touched targets fail by their own checks alone, and those that nobody touched are sick too, at least half as often. Then
 * something else is wrong, and taking the change back everywhere would only add to it.
 */
function isAllRed({ failed, failures, opened, untouched, untouchedSick }: Tally): boolean {
  if (failed === 0 || untouchedSick === 0) return false;
  if (!failures.every(({ code }) => code === 'unhealthy' || code === 'check-failed')) return false;
  return untouchedSick / untouched >= Math.min(1, failed / Math.max(1, opened)) / 2;
}

function isGuardrail(rollout: Rollout, verdict: Verdict): boolean {
  return rollout.pipeline.checks.some((check) => check.name === verdict.check && check.effect === 'guardrail');
}

function orderRollback(
  rollout: Rollout,
  code: RollbackCode,
  says: string,
  verdicts: readonly Verdict[],
): readonly DomainEvent[] {
  const { id, change } = rollout;
  const order: DomainEvent = { type: 'RollbackOrdered', data: { id, code, says, verdicts } };
  if (code === 'person' || code === 'held-too-long') return [order];
  return [order, { type: 'DigestQuarantined', data: { id, change: change.digest, says } }];
}

/** Failures are recorded once, when their number grows. */
function newFailures(rollout: Rollout, { tally }: Assessment): readonly DomainEvent[] {
  if (tally.failed <= rollout.failedCount) return [];
  return [{ type: 'TargetsFailed', data: { id: rollout.id, failed: tally.failures, count: tally.failed } }];
}

/** Law 7: it is over when every target says by effect that it is back; who does not say so in time is named. */
function assessBack(rollout: Rollout, { assessment }: { readonly assessment: Assessment }, now: Instant): Decision {
  const { id } = rollout;
  const { tally } = assessment;
  if (tally.notBack === 0) return ok([{ type: 'RolledBack', data: { id } }]);
  const late = now - rollout.since >= rollout.pipeline.rollbackDeadlineMs;
  if (!late || sameNames(rollout.stragglers, tally.notBackNames)) return ok([]);
  return ok([{ type: 'StragglersListed', data: { id, targets: tally.notBackNames, count: tally.notBack } }]);
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
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
  if (assessment.lineHalted) {
    return err({
      code: 'line-halted',
      says: `the line is halted; ${rollout.id} cannot open its next stage`,
      remedy: 'lift the halt first',
    });
  }
  const frozen = refuseFrozen(assessment.freezes, now);
  if (frozen !== null) return err(frozen);
  if (rollout.paused !== null) {
    return err({
      code: 'not-possible-now',
      says: `${rollout.id} is paused by ${rollout.paused.by}`,
      remedy: 'resume it first',
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
  const lifted: readonly DomainEvent[] = rollout.holds.map((reason) => ({
    type: 'HoldLifted',
    data: { id: rollout.id, reason },
  }));
  return ok([...lifted, ...openNextStage(rollout, assessment)]);
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

function presentStage(rollout: Rollout): Stage {
  const stage = rollout.pipeline.stages[rollout.stage];
  if (stage === undefined)
    throw new Error(`invariant broken: ${rollout.id} stands at stage ${rollout.stage}, beyond its pipeline`);
  return stage;
}

function blocked(...reasons: readonly HoldReason[]): NextStep {
  return { kind: 'blocked', holds: new Set(reasons) };
}

import type { Verdict } from '../analysis/verdict.ts';
import type { Instant } from '../kernel/instant.ts';
import { ok } from '../kernel/result.ts';
import { sayGates } from '../policy/approval.ts';
import { bindingAt, sayFrozen } from '../policy/freeze.ts';
import type { Stage } from '../policy/pipeline.ts';
import { sayRefusing } from '../policy/rule.ts';
import type { DomainEvent } from '../record/event.ts';
import type { Assessment } from './assessment.ts';
import { awaitsPeak, isBakeOver, lacksPeak, peakOfBake } from './bakePeak.ts';
import { changePace } from './changePace.ts';
import { isAllRed, mayTurnAllRed } from './commonCause.ts';
import type { Decision } from './decideRollout.ts';
import { findBreach } from './findBreach.ts';
import { holdsFromBake, holdsFromPermits } from './gatherHolds.ts';
import type { HoldReason } from './hold.ts';
import { aheadOf, isWidening, openAhead } from './openAhead.ts';
import { breakGlassUsed, isOpening, peopleGate } from './peopleGate.ts';
import { presentStage } from './presentStage.ts';
import type { Evidence, Rollout } from './rollout.ts';
import { rulesAgainst } from './ruleGate.ts';
import { sayReason } from './sayReason.ts';
import { holdsFromBlame } from './tellApart.ts';
import { widenRelease } from './widenRelease.ts';

const AT_ONCE: readonly HoldReason[] = ['signal-failed', 'check-error'];

/** In a large fleet somebody is always reconnecting; so many are not waited for. */
const TOLERATED_UNSURE = 0.01;

export function assessForward(
  rollout: Rollout,
  { assessment }: { readonly assessment: Assessment },
  now: Instant,
): Decision {
  const breach = findBreach(rollout, assessment, now);
  if (breach !== null) return ok([...newFailures(rollout, assessment), ...breach]);

  const stage = presentStage(rollout);
  const paced = changePace(rollout, assessment, now);
  const events: DomainEvent[] = [...newFailures(rollout, assessment), ...paced];
  if (rollout.phase === 'rehearsing') events.push(...widenRelease(rollout, assessment, now));
  const progress = nextStep(rollout, stage, assessment, now);
  const holds = progress.kind === 'blocked' ? progress.holds : new Set<HoldReason>();
  for (const reason of holdsFromPermits(rollout, assessment, now)) holds.add(reason);
  const next = progress.kind === 'step' ? progress.events : [];
  const people = peopleGate(rollout, next, assessment, now);
  for (const reason of people.holds) holds.add(reason);
  if (isAllRed(assessment.tally)) holds.add('all-red');
  for (const reason of holdsFromBlame(rollout, assessment)) holds.add(reason);
  if (assessment.tally.slow > 0) holds.add('slow-path');
  const frozen = bindingAt(assessment.freezes, now);
  if (rollout.paused !== null && now - rollout.paused.at >= rollout.pipeline.pausedDeadlineMs)
    holds.add('pause-expired');
  const against = progress.kind === 'step' ? rulesAgainst(rollout, progress.events, assessment, now) : [];
  if (against.length > 0 || (progress.kind === 'waiting' && waitsForRules(rollout))) holds.add('rule-refused');
  for (const reason of rollout.holds)
    if (!holds.has(reason)) events.push({ type: 'HoldLifted', data: { id: rollout.id, reason } });
  for (const reason of holds) {
    if (!rollout.holds.includes(reason)) {
      const asked = reason === 'awaiting-approval' ? sayGates(people.gates) : '';
      const ruled = reason === 'rule-refused' ? against.map(sayRefusing).join('; ') : asked;
      const says = reason === 'frozen' ? sayFrozen(frozen) : ruled || sayReason(reason, rollout, assessment);
      events.push({ type: 'HoldRaised', data: { id: rollout.id, reason, says } });
    }
  }
  // How far it could go was reckoned with the pace before: a slower one is looked at anew.
  const slowed = paced.some((event) => event.type === 'PaceChanged' && event.data.pace.slower);
  if (progress.kind === 'step' && rollout.paused === null && !slowed) {
    if (holds.size === 0) events.push(...breakGlassUsed(rollout, people.broken, next), ...next);
    // Evidence that was earned stays earned, though a rule or a person keeps what it would open shut.
    else if (isGateOnly(holds) && next.some(isOpening)) events.push(...next.filter(isEvidence));
  }
  return ok(events);
}

/** While nobody can say what comes next, what the rules had against it stands. */
function waitsForRules({ holds, phase }: Rollout): boolean {
  return holds.includes('rule-refused') && phase !== 'baking';
}

function isGateOnly(holds: ReadonlySet<HoldReason>): boolean {
  return [...holds].every((reason) => reason === 'rule-refused' || reason === 'awaiting-approval');
}

function isEvidence({ type }: DomainEvent): boolean {
  return type === 'StagePassed';
}

type NextStep =
  | { readonly kind: 'step'; readonly events: readonly DomainEvent[] }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'blocked'; readonly holds: Set<HoldReason> };

const WAITING: NextStep = { kind: 'waiting' };

/** What would come next if nothing held it: a wave, a bake, evidence, the next stage; or what it waits for. */
function nextStep(rollout: Rollout, stage: Stage, assessment: Assessment, now: Instant): NextStep {
  const { tally } = assessment;
  if (tally.failed > stage.tolerateFailures && mayTurnAllRed(rollout, tally, now)) return { kind: 'waiting' };
  // Right after a restart nobody is connected; opening a wave then would take the whole fleet for absent.
  const settledContact = tally.unsure <= tally.targets * TOLERATED_UNSURE;
  if (rollout.phase === 'ready') {
    if (stage.promote === 'manual') return blocked('awaiting-promotion');
    return settledContact ? openNext(rollout, assessment) : WAITING;
  }
  const ahead = aheadOf(rollout);
  if (ahead !== null && isWidening(rollout, ahead)) return settledContact ? openNext(rollout, assessment) : WAITING;
  if (tally.opened === 0) return blocked('no-targets-connected');
  const settled = tally.underway === 0;
  if (rollout.phase === 'rehearsing') {
    if (tally.notBack > 0 || !settledContact) return WAITING;
    return openNext(rollout, assessment, [proveRehearsal(rollout, assessment)]);
  }
  if (rollout.phase === 'rolling') {
    if (!settled || !settledContact) return { kind: 'waiting' };
    return afterWave(rollout, assessment);
  }
  const verdicts = assessment.verdicts[rollout.stage] ?? [];
  const missing = holdsFromBake(rollout, stage, verdicts, assessment);
  if (lacksPeak(rollout, assessment)) missing.add('no-peak');
  const over = isBakeOver(rollout, assessment, now);
  // A signal that fails holds at once, and so does what cannot be evaluated; what is only not known yet holds when its time is up.
  const raised = new Set([...missing].filter((reason) => over || AT_ONCE.includes(reason)));
  if (raised.size > 0) return { kind: 'blocked', holds: raised };
  const tooShort = now - rollout.since < stage.bake.minimumMs || awaitsPeak(rollout, assessment, now);
  if (missing.size > 0 || !settled || !settledContact || tooShort) return { kind: 'waiting' };
  return { kind: 'step', events: passStage(rollout, verdicts, assessment, now) };
}

/** A wave has settled: the next one, the rehearsal, or the bake. */
function afterWave(rollout: Rollout, assessment: Assessment): NextStep {
  const { id, stage } = rollout;
  if (aheadOf(rollout) !== null) return openNext(rollout, assessment);
  const rehearse = stage === 0 && rollout.pipeline.rehearse && rollout.rehearsal === null;
  const next: DomainEvent = rehearse
    ? { type: 'RehearsalStarted', data: { id } }
    : { type: 'BakeStarted', data: { id, stage } };
  return { kind: 'step', events: [next] };
}

/** Law 6: everybody went back, by effect; now the same targets go forward again, in one wave, for they have been there before. */
function proveRehearsal({ id }: Rollout, { tally }: Assessment): DomainEvent {
  return { type: 'RehearsalProved', data: { id, targets: tally.opened } };
}

/** Opens what comes next as far as it can be, after the events that lead there. */
function openNext(rollout: Rollout, assessment: Assessment, before: readonly DomainEvent[] = []): NextStep {
  const ahead = aheadOf(rollout);
  if (ahead === null) return WAITING;
  const opening = openAhead(rollout, ahead, assessment);
  switch (opening.kind) {
    case 'events':
      return { kind: 'step', events: [...before, ...opening.events] };
    case 'waiting':
      return WAITING;
    case 'no-capacity':
      return blocked('no-capacity');
  }
}

function passStage(
  rollout: Rollout,
  verdicts: readonly Verdict[],
  assessment: Assessment,
  now: Instant,
): readonly DomainEvent[] {
  const { id, stage } = rollout;
  const peak = peakOfBake(rollout, assessment);
  const evidence = {
    change: rollout.change.digest,
    stage: presentStage(rollout).name,
    at: now,
    verdicts,
    exposure: assessment.exposure,
    rehearsal: stage === 0 ? proofOf(rollout) : null,
    ...(peak === null ? {} : { peak: peak.window }),
  };
  const passed: DomainEvent = { type: 'StagePassed', data: { id, stage, evidence } };
  // Law 8: only here, after the last stage's bake, is a last known good earned.
  if (stage === rollout.pipeline.stages.length - 1) return [passed, { type: 'RolloutCompleted', data: { id } }];
  if (presentStage(rollout).promote === 'manual') return [passed];
  const next = openNext(rollout, assessment);
  return next.kind === 'step' ? [passed, ...next.events] : [passed];
}

function proofOf({ rehearsal }: Rollout): Evidence['rehearsal'] {
  if (rehearsal === null || rehearsal.provenAt === null) return null;
  const { provenAt, startedAt, targets } = rehearsal;
  return { provenAt, tookMs: provenAt - startedAt, targets };
}

/** Failures are recorded once, when their number grows. */
function newFailures(rollout: Rollout, { tally }: Assessment): readonly DomainEvent[] {
  if (tally.failed <= rollout.failedCount) return [];
  return [{ type: 'TargetsFailed', data: { id: rollout.id, failed: tally.failures, count: tally.failed } }];
}

function blocked(...reasons: readonly HoldReason[]): NextStep {
  return { kind: 'blocked', holds: new Set(reasons) };
}

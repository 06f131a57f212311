import type { Digest } from '../kernel/digest.ts';
import { type DurationMs, formatDuration, type Instant } from '../kernel/instant.ts';
import type { Refusal } from '../kernel/refusal.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { type ApprovalRule, approvalRules, isOpen, START } from '../policy/approval.ts';
import { type Caller, orOf } from '../policy/authority.ts';
import { type BreakGlass, inForce, LONGEST_BREAK_GLASS_MS, sayBreakGlass } from '../policy/breakGlass.ts';
import type { Change } from '../policy/change.ts';
import { boundPlan } from '../policy/fastTrack.ts';
import { meant } from '../policy/meant.ts';
import { isSamePerson } from '../policy/person.ts';
import type { Pipeline } from '../policy/pipeline.ts';
import type { Rollout } from '../rollout/rollout.ts';
import {
  agreementOn,
  consentTo,
  consentToStart,
  ownersOf,
  type PlanReference,
  planReference,
  referenceOf,
} from './agreement.ts';
import { callerOf } from './caller.ts';
import type { CommandDecision } from './decideCommand.ts';
import { unknownRollout } from './unknown.ts';
import type { World } from './world.ts';

/** What is spoken of: a change on its way through a pipeline, or a rollout of it that runs. */
export interface Subject {
  readonly change: Digest;
  readonly pipeline: string;
  /** `null`: the rollout of the two that runs, if one does. */
  readonly rollout: string | null;
}

/** What people say of somebody else's change. */
export type ApprovalCommand =
  | {
      readonly type: 'approve' | 'reject' | 'withdraw';
      readonly of: Subject;
      /** `null`: the next gate that waits. */
      readonly before: string | null;
      readonly reason: string;
    }
  | { readonly type: 'askBreakGlass'; readonly of: Subject; readonly reason: string; readonly forMs: DurationMs }
  | { readonly type: 'confirmBreakGlass' | 'endBreakGlass'; readonly of: Subject };

export interface AgreedPlan {
  readonly reference: PlanReference;
  readonly change: Change;
  readonly pipeline: Pipeline;
  readonly rollout: Rollout | null;
}

export function decideApproval(world: World, command: ApprovalCommand, actor: string, now: Instant): CommandDecision {
  const found = findPlan(world, command.of);
  if (!found.ok) return err([found.error]);
  const caller = callerOf(world, actor);
  const decision =
    'before' in command
      ? decideWord(world, found.value, command, caller, now)
      : decideBreakGlass(world, found.value, command, caller, now);
  return decision.ok ? decision : err([decision.error]);
}

/** What is spoken of, as it stands on the record. */
export function findPlan(world: World, of: Subject): Result<AgreedPlan, Refusal> {
  const named = of.rollout === null ? undefined : world.rollouts.get(of.rollout);
  if (of.rollout !== null && named === undefined) return err(unknownRollout(world, of.rollout));
  const rollout = named ?? runningOf(world, of);
  if (rollout !== undefined) {
    const { id, endedAt, phase, change, pipeline } = rollout;
    if (endedAt !== null)
      return err({ code: 'rollout-ended', says: `${id} has ended; there is nothing to agree to any more` });
    if (phase === 'rollingBack')
      return err({ code: 'not-possible-now', says: `${id} is rolling back, which asks nobody` });
    return ok({ reference: referenceOf(rollout), change, pipeline, rollout });
  }
  const change = world.changes.get(of.change);
  if (change === undefined) return err({ code: 'unknown-change', says: `there is no change ${of.change}` });
  const pipeline = world.pipelines.get(of.pipeline);
  if (pipeline === undefined) {
    const says = `there is no pipeline "${of.pipeline}"`;
    return err({ code: 'unknown-pipeline', says, remedy: meant(of.pipeline, [...world.pipelines.keys()]) });
  }
  const service = world.services.get(change.service);
  const bound = service === undefined ? pipeline : boundPlan(world, change, pipeline, service).pipeline;
  return ok({ reference: planReference(world, change, pipeline.name), change, pipeline: bound, rollout: null });
}

function runningOf(world: World, { change, pipeline }: Subject): Rollout | undefined {
  for (const rollout of world.rollouts.values()) {
    if (rollout.endedAt === null && rollout.change.digest === change && rollout.pipeline.name === pipeline)
      return rollout;
  }
  return undefined;
}

type Word = Extract<ApprovalCommand, { readonly before: string | null }>;
type Decided = Result<Extract<CommandDecision, { ok: true }>['value'], Refusal>;

function decideWord(
  world: World,
  plan: AgreedPlan,
  { type, before, reason }: Word,
  caller: Caller,
  now: Instant,
): Decided {
  const { reference, change, pipeline, rollout } = plan;
  const gate = before === null ? nextGate(world, plan, type, caller, now) : readGate(pipeline, before);
  if (!gate.ok) return gate;
  const said = agreementOn(world, reference).says.find(
    (say) => say.before === gate.value && isSamePerson(say.person, caller.person),
  );
  const data = { plan: reference, before: gate.value, person: caller.person };
  if (type === 'withdraw') {
    if (said !== undefined) return ok([{ type: 'ApprovalWithdrawn', data }]);
    return err({ code: 'not-possible-now', says: `"${caller.person}" has said nothing ${sayWhere(gate.value, plan)}` });
  }
  const { role } = caller;
  const rules = approvalRules(pipeline, change).filter((rule) => rule.before === gate.value);
  if (role === null || !rules.some((rule) => rule.role === role || role === 'admin'))
    return err(refuseRole(rules, gate.value, plan, caller));
  const verdict = type === 'approve' ? 'approved' : 'rejected';
  if (verdict === 'approved') {
    const own = ownersOf(world, change, rollout?.startedBy ?? null).findIndex((each) =>
      isSamePerson(each, caller.person),
    );
    if (own !== -1) {
      const how = own === 0 ? `wrote the change "${change.name}"` : `started ${rollout?.id}`;
      return err({
        code: 'needs-another-person',
        says: `"${caller.person}" ${how}, and nobody approves their own`,
        remedy: 'ask somebody else to',
      });
    }
  }
  if (said?.verdict === verdict && said.role === role && said.reason === reason) return ok([]);
  const word = { ...data, role, reason };
  return ok([
    verdict === 'approved' ? { type: 'ApprovalGiven', data: word } : { type: 'ApprovalRejected', data: word },
  ]);
}

/** What this person can do most with: the first gate that they could open, or that is shut; to take back, what they said last. */
function nextGate(
  world: World,
  plan: AgreedPlan,
  type: Word['type'],
  caller: Caller,
  now: Instant,
): Result<string, Refusal> {
  const { change, pipeline, rollout } = plan;
  const { gates } =
    rollout === null ? consentToStart(world, change, pipeline, null, now) : consentTo(world, rollout, now);
  const isCaller = (person: string) => isSamePerson(person, caller.person);
  const spoken = agreementOn(world, plan.reference).says.findLast(({ person }) => isCaller(person));
  const shut = gates.filter((gate) => !isOpen(gate));
  const waits = shut.find(({ could }) => could.some(isCaller)) ?? shut[0];
  const wanted = type === 'withdraw' ? (spoken ?? waits) : (waits ?? spoken);
  const before = wanted?.before ?? gates[0]?.before;
  if (before !== undefined) return ok(before);
  return err({
    code: 'not-possible-now',
    says: `pipeline "${pipeline.name}" asks for no approval of "${change.name}"`,
    remedy: 'approvals of a pipeline say who is asked, and before what',
  });
}

function readGate({ name, stages }: Pipeline, before: string): Result<string, Refusal> {
  const [first, ...later] = stages.map((stage) => stage.name);
  if (before === START || before === first) return ok(START);
  if (later.includes(before)) return ok(before);
  const says = `pipeline "${name}" has no stage "${before}"`;
  return err({ code: 'unknown-stage', says, remedy: meant(before, [START, ...later]) });
}

function refuseRole(rules: readonly ApprovalRule[], gate: string, plan: AgreedPlan, { person, role }: Caller): Refusal {
  const where = sayWhere(gate, plan);
  if (rules.length === 0) return { code: 'not-possible-now', says: `nobody is asked for an approval ${where}` };
  const asked = orOf([...new Set([...rules.map((rule) => rule.role), 'admin'])]);
  return { code: 'forbidden', says: `"${person}" has the role ${role}; ${where} the role ${asked} is asked` };
}

function sayWhere(gate: string, { change, pipeline }: AgreedPlan): string {
  const where = gate === START ? 'starts' : `reaches "${gate}"`;
  return `before "${change.name}" ${where} through "${pipeline.name}"`;
}

type GlassCommand = Exclude<ApprovalCommand, Word>;

function decideBreakGlass(
  world: World,
  { reference }: AgreedPlan,
  command: GlassCommand,
  { person }: Caller,
  now: Instant,
): Decided {
  const { breakGlass } = agreementOn(world, reference);
  const data = { plan: reference, person };
  if (command.type === 'askBreakGlass') {
    if (command.forMs < 1 || command.forMs > LONGEST_BREAK_GLASS_MS) {
      const says = `break-glass lasts for ${formatDuration(LONGEST_BREAK_GLASS_MS)} at the most`;
      return err({ code: 'malformed', says, remedy: 'ask for less; it can be asked for again' });
    }
    if (isAlive(breakGlass, now))
      return err({ code: 'not-possible-now', says: sayAlive(breakGlass, now), remedy: 'end it before asking anew' });
    return ok([{ type: 'BreakGlassAsked', data: { ...data, reason: command.reason, expires: now + command.forMs } }]);
  }
  if (!isAlive(breakGlass, now))
    return err({ code: 'not-possible-now', says: `nobody has asked for break-glass for "${reference.name}"` });
  if (command.type === 'endBreakGlass') return ok([{ type: 'BreakGlassEnded', data }]);
  if (breakGlass.confirmedBy !== null) return ok([]);
  if (isSamePerson(breakGlass.askedBy, person)) {
    return err({
      code: 'needs-another-person',
      says: `"${person}" asked for this break-glass, and it takes two people`,
      remedy: 'ask somebody else to confirm it',
    });
  }
  return ok([{ type: 'BreakGlassConfirmed', data }]);
}

function isAlive(glass: BreakGlass | null, now: Instant): glass is BreakGlass {
  return glass !== null && now < glass.expires;
}

function sayAlive(glass: BreakGlass, now: Instant): string {
  return `there is ${sayBreakGlass(glass, now)}${inForce(glass, now) ? '' : '; it waits for somebody to confirm it'}`;
}

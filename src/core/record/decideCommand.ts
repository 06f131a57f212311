import type { Digest } from '../kernel/digest.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Refusal } from '../kernel/refusal.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Change } from '../policy/change.ts';
import type { Conditions } from '../policy/conditions.ts';
import type { Freeze } from '../policy/freeze.ts';
import { meant } from '../policy/meant.ts';
import type { Pipeline } from '../policy/pipeline.ts';
import { planRollout } from '../policy/planRollout.ts';
import type { KeyAnnouncement, KeyRetirement, PublicKey, Signed } from '../policy/signed.ts';
import { decideRollout, type RolloutInput } from '../rollout/decideRollout.ts';
import { breakGlassUsed } from '../rollout/peopleGate.ts';
import type { Rollout } from '../rollout/rollout.ts';
import type { Catalog } from '../topology/catalog.ts';
import type { Service } from '../topology/service.ts';
import type { Target } from '../topology/target.ts';
import { consentTo } from './agreement.ts';
import { decideApply } from './decideApply.ts';
import { type ApprovalCommand, decideApproval } from './decideApproval.ts';
import { decideRemoveCatalog } from './decideCatalog.ts';
import { decideEnrol } from './decideEnrol.ts';
import type { DomainEvent } from './event.ts';
import { refuseByRole } from './refuseByRole.ts';
import { unknownRollout, unknownService } from './unknown.ts';
import type { Token, World } from './world.ts';

/** Everything that can be asked of the control plane. */
export type Command =
  | { readonly type: 'apply'; readonly manifests: readonly Manifest[] }
  | { readonly type: 'removeFreeze'; readonly name: string }
  | { readonly type: 'removeCatalog'; readonly name: string }
  | { readonly type: 'enrol'; readonly target: Target }
  | { readonly type: 'retire'; readonly uid: string }
  | { readonly type: 'issueToken'; readonly token: Token }
  | { readonly type: 'revokeToken'; readonly id: string }
  | { readonly type: 'revokeEvidence'; readonly rollout: string; readonly stage: string; readonly reason: string }
  | { readonly type: 'addKey'; readonly key: PublicKey; readonly announcement: Signed<KeyAnnouncement> | null }
  | { readonly type: 'retireKey'; readonly id: string; readonly retirement: Signed<KeyRetirement> }
  /** Decides nothing; the engine signs what was decided anew. */
  | { readonly type: 'renewPermits'; readonly rollout: string }
  /** Decides nothing; the engine signs how the log ends. */
  | { readonly type: 'checkpoint' }
  | ApprovalCommand
  | { readonly type: 'halt'; readonly reason: string }
  | { readonly type: 'lift'; readonly reason?: string }
  | { readonly type: 'start'; readonly change: Digest; readonly pipeline: string; readonly conditions: Conditions }
  | { readonly type: 'rollout'; readonly id: string; readonly input: RolloutInput };

export type Manifest =
  | { readonly kind: 'Service'; readonly service: Service }
  | { readonly kind: 'Pipeline'; readonly pipeline: Pipeline }
  | { readonly kind: 'Change'; readonly change: Change }
  | { readonly kind: 'Freeze'; readonly freeze: Freeze }
  | { readonly kind: 'Catalog'; readonly catalog: Catalog };

export type CommandDecision = Result<readonly DomainEvent[], readonly Refusal[]>;

/** Decides what an actor asks against the whole decided state. Pure: the same world, command, time and actor give the same answer. */
export function decideCommand(world: World, command: Command, now: Instant, actor = 'engine'): CommandDecision {
  const forbidden = refuseByRole(world, actor, command);
  if (forbidden !== null) return err([forbidden]);
  switch (command.type) {
    case 'apply':
      return decideApply(world, command.manifests);
    case 'removeFreeze':
      return decideRemoveFreeze(world, command.name);
    case 'removeCatalog':
      return decideRemoveCatalog(world, command.name);
    case 'enrol':
      return decideEnrol(world, command.target);
    case 'retire':
      if (!world.targets.has(command.uid))
        return err([{ code: 'unknown-target', says: `there is no target "${command.uid}"` }]);
      return ok([{ type: 'TargetRetired', data: { uid: command.uid } }]);
    case 'issueToken':
      return ok([{ type: 'TokenIssued', data: { token: command.token } }]);
    case 'revokeToken':
      if (!world.tokens.has(command.id))
        return err([{ code: 'unknown-token', says: `there is no token "${command.id}"` }]);
      return ok([{ type: 'TokenRevoked', data: { id: command.id } }]);
    case 'revokeEvidence':
      return decideRevoke(world, command.rollout, command.stage, command.reason);
    case 'addKey':
      if (world.keys.has(command.key.id)) return ok([]);
      return ok([{ type: 'SigningKeyAdded', data: { key: command.key, announcement: command.announcement } }]);
    case 'retireKey':
      return decideRetireKey(world, command.id, command.retirement);
    case 'renewPermits':
    case 'checkpoint':
      return ok([]);
    case 'approve':
    case 'reject':
    case 'withdraw':
    case 'askBreakGlass':
    case 'confirmBreakGlass':
    case 'endBreakGlass':
      return decideApproval(world, command, actor, now);
    case 'halt':
      return ok(world.halted === null ? [{ type: 'LineHalted', data: { reason: command.reason } }] : []);
    case 'lift':
      if (world.halted === null) return err([{ code: 'not-possible-now', says: 'the line is not halted' }]);
      return ok([{ type: 'LineLifted', data: command.reason === undefined ? {} : { reason: command.reason } }]);
    case 'start':
      return decideStart(world, command, now, actor);
    case 'rollout':
      return decideOnRollout(world, command.id, command.input, now);
  }
}

function decideRevoke(world: World, id: string, stageName: string, reason: string): CommandDecision {
  const rollout = world.rollouts.get(id);
  if (rollout === undefined) return err([unknownRollout(world, id)]);
  const names = rollout.pipeline.stages.map(({ name }) => name);
  const stage = names.indexOf(stageName);
  if (stage === -1) {
    const says = `${id} has no stage "${stageName}"`;
    return err([{ code: 'unknown-stage', says, remedy: meant(stageName, names) }]);
  }
  if (rollout.endedAt !== null)
    return err([{ code: 'rollout-ended', says: `${id} has ended; its evidence opens nothing any more` }]);
  if (rollout.phase === 'rollingBack')
    return err([{ code: 'not-possible-now', says: `${id} is rolling back; its evidence opens nothing any more` }]);
  if (rollout.evidence[stage] === undefined)
    return err([{ code: 'no-evidence', says: `stage "${stageName}" of ${id} has no evidence yet` }]);
  if (rollout.revoked.some((one) => one.stage === stage)) return ok([]);
  return ok([{ type: 'EvidenceRevoked', data: { id, stage, reason } }]);
}

/** Something must be left to sign with: a fleet that trusts no key cannot be given another. */
function decideRetireKey(world: World, id: string, retirement: Signed<KeyRetirement>): CommandDecision {
  const key = world.keys.get(id);
  if (key === undefined) {
    return err([
      { code: 'unknown-key', says: `there is no signing key "${id}"`, remedy: meant(id, [...world.keys.keys()]) },
    ]);
  }
  if (key.retirement !== null) return err([{ code: 'not-possible-now', says: `signing key ${id} is retired already` }]);
  if (retirement.key === id)
    return err([
      {
        code: 'in-use',
        says: `signing key ${id} is the one that is signed with`,
        remedy: 'make another one first: ringfence key rotate',
      },
    ]);
  return ok([{ type: 'SigningKeyRetired', data: { id, retirement } }]);
}

function decideStart(
  world: World,
  { change: digest, pipeline: pipelineName, conditions }: Extract<Command, { readonly type: 'start' }>,
  now: Instant,
  actor: string,
): CommandDecision {
  const change = world.changes.get(digest);
  if (change === undefined) return err([{ code: 'unknown-change', says: `there is no change ${digest}` }]);
  const pipeline = world.pipelines.get(pipelineName);
  if (pipeline === undefined) {
    return err([
      {
        code: 'unknown-pipeline',
        says: `there is no pipeline "${pipelineName}"`,
        remedy: meant(pipelineName, [...world.pipelines.keys()]),
      },
    ]);
  }
  const service = world.services.get(change.service);
  if (service === undefined) return err([unknownService(world, change.service)]);
  const admission = planRollout(world, change, pipeline, service, conditions, now, actor);
  const { plan, broken, fastTrack, rollout: id, stages, slotRoles, first } = admission;
  if (plan.refusals.length > 0) return err(plan.refusals);

  const opened: DomainEvent = { type: 'WaveOpened', data: { id, stage: 0, wave: 0, ...first, returned: [] } };
  return ok([
    {
      type: 'RolloutStarted',
      data: { id, change, pipeline: admission.pipeline, slotRoles, plan: stages, ...(fastTrack ? { fastTrack } : {}) },
    },
    ...breakGlassUsed({ id }, broken, [opened]),
    opened,
  ]);
}

function decideOnRollout(world: World, id: string, input: RolloutInput, now: Instant): CommandDecision {
  const rollout = world.rollouts.get(id);
  if (rollout === undefined) return err([unknownRollout(world, id)]);
  const decision = decideRollout(rollout, withConsent(world, rollout, input, now), now);
  return decision.ok ? decision : err([decision.error]);
}

/** What people have said is of the world that the command is decided in: who takes a word back does so at once. */
function withConsent(world: World, rollout: Rollout, input: RolloutInput, now: Instant): RolloutInput {
  if (!('assessment' in input)) return input;
  return { ...input, assessment: { ...input.assessment, consent: consentTo(world, rollout, now) } };
}

function decideRemoveFreeze(world: World, name: string): CommandDecision {
  if (world.freezes.has(name)) return ok([{ type: 'FreezeRemoved', data: { name } }]);
  return err([
    {
      code: 'unknown-freeze',
      says: `there is no freeze "${name}"`,
      remedy: meant(name, [...world.freezes.keys()]),
    },
  ]);
}

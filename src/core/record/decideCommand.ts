import { sameData } from '../kernel/canonicalJson.ts';
import type { Digest } from '../kernel/digest.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Refusal } from '../kernel/refusal.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Change } from '../policy/change.ts';
import type { Freeze } from '../policy/freeze.ts';
import type { Pipeline } from '../policy/pipeline.ts';
import { type Conditions, meant, planRollout, unknownRole } from '../policy/planRollout.ts';
import type { KeyAnnouncement, KeyRetirement, PublicKey, Signed } from '../policy/signed.ts';
import { assignmentKey } from '../rollout/assignment.ts';
import { decideRollout, type RolloutInput } from '../rollout/decideRollout.ts';
import type { Service } from '../topology/service.ts';
import type { Target } from '../topology/target.ts';
import type { DomainEvent } from './event.ts';
import type { Token, World } from './world.ts';

/** Everything that can be asked of the control plane. */
export type Command =
  | { readonly type: 'apply'; readonly manifests: readonly Manifest[] }
  | { readonly type: 'removeFreeze'; readonly name: string }
  | { readonly type: 'enrol'; readonly target: Target }
  | { readonly type: 'retire'; readonly uid: string }
  | { readonly type: 'issueToken'; readonly token: Token }
  | { readonly type: 'revokeToken'; readonly id: string }
  | { readonly type: 'revokeEvidence'; readonly rollout: string; readonly stage: string; readonly reason: string }
  | { readonly type: 'addKey'; readonly key: PublicKey; readonly announcement: Signed<KeyAnnouncement> | null }
  | { readonly type: 'retireKey'; readonly id: string; readonly retirement: Signed<KeyRetirement> }
  /** Decides nothing; the engine signs what was decided anew. */
  | { readonly type: 'renewPermits'; readonly rollout: string }
  | { readonly type: 'halt'; readonly reason: string }
  | { readonly type: 'lift' }
  | { readonly type: 'start'; readonly change: Digest; readonly pipeline: string; readonly conditions: Conditions }
  | { readonly type: 'rollout'; readonly id: string; readonly input: RolloutInput };

export type Manifest =
  | { readonly kind: 'Service'; readonly service: Service }
  | { readonly kind: 'Pipeline'; readonly pipeline: Pipeline }
  | { readonly kind: 'Change'; readonly change: Change }
  | { readonly kind: 'Freeze'; readonly freeze: Freeze };

const MOST_FREEZES = 200;

export type CommandDecision = Result<readonly DomainEvent[], readonly Refusal[]>;

/** Decides a command against the whole decided state. Pure: the same world, command and time give the same answer. */
export function decideCommand(world: World, command: Command, now: Instant): CommandDecision {
  switch (command.type) {
    case 'apply':
      return decideApply(world, command.manifests);
    case 'removeFreeze':
      return decideRemoveFreeze(world, command.name);
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
      return ok([]);
    case 'halt':
      return ok(world.halted === null ? [{ type: 'LineHalted', data: { reason: command.reason } }] : []);
    case 'lift':
      if (world.halted === null) return err([{ code: 'not-possible-now', says: 'the line is not halted' }]);
      return ok([{ type: 'LineLifted', data: {} }]);
    case 'start':
      return decideStart(world, command.change, command.pipeline, command.conditions, now);
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
  digest: Digest,
  pipelineName: string,
  conditions: Conditions,
  now: Instant,
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
  const admission = planRollout(world, change, pipeline, service, conditions, now);
  const { plan, rollout: id, stages, slotRoles } = admission;
  if (plan.refusals.length > 0) return err(plan.refusals);
  const below = stages[0]?.waves[0]?.below ?? 1;
  return ok([
    { type: 'RolloutStarted', data: { id, change, pipeline: admission.pipeline, slotRoles, plan: stages } },
    { type: 'WaveOpened', data: { id, stage: 0, wave: 0, below, absent: [...conditions.offline] } },
  ]);
}

function decideOnRollout(world: World, id: string, input: RolloutInput, now: Instant): CommandDecision {
  const rollout = world.rollouts.get(id);
  if (rollout === undefined) return err([unknownRollout(world, id)]);
  const decision = decideRollout(rollout, input, now);
  return decision.ok ? decision : err([decision.error]);
}

/** All or none: the first manifest may define what the second one uses, and one refusal keeps everything out. */
function decideApply(world: World, manifests: readonly Manifest[]): CommandDecision {
  const events: DomainEvent[] = [];
  const refusals: Refusal[] = [];
  const services = new Map(world.services);
  for (const manifest of manifests) {
    if (manifest.kind === 'Service') {
      services.set(manifest.service.name, manifest.service);
      refusals.push(...refuseServiceChange(world, manifest.service));
      if (!sameData(world.services.get(manifest.service.name), manifest.service)) {
        events.push({ type: 'ServiceApplied', data: { service: manifest.service } });
      }
    } else if (manifest.kind === 'Pipeline') {
      refusals.push(...refusePipeline(world, services, manifest.pipeline));
      if (!sameData(world.pipelines.get(manifest.pipeline.name), manifest.pipeline)) {
        events.push({ type: 'PipelineApplied', data: { pipeline: manifest.pipeline } });
      }
    } else if (manifest.kind === 'Freeze') {
      refusals.push(...refuseFreeze(world, services, manifest.freeze));
      if (!sameData(world.freezes.get(manifest.freeze.name)?.freeze, manifest.freeze)) {
        events.push({ type: 'FreezeApplied', data: { freeze: manifest.freeze } });
      }
    } else {
      refusals.push(...refuseChange(world, services, manifest.change));
      if (!world.changes.has(manifest.change.digest))
        events.push({ type: 'ChangeApplied', data: { change: manifest.change } });
    }
  }
  refusals.push(...refuseTooMany(world, manifests));
  return refusals.length > 0 ? err(refusals) : ok(events);
}

/** Every look of every rollout goes through all of them. */
function refuseTooMany(world: World, manifests: readonly Manifest[]): readonly Refusal[] {
  const names = new Set(world.freezes.keys());
  for (const manifest of manifests) if (manifest.kind === 'Freeze') names.add(manifest.freeze.name);
  if (names.size <= MOST_FREEZES || names.size === world.freezes.size) return [];
  return [
    {
      code: 'freeze-invalid',
      says: `there would be ${names.size} freezes, at most ${MOST_FREEZES} allowed`,
      remedy: 'remove those that are over, or let one rule say what several do',
    },
  ];
}

/** A role or slot that targets hold revisions in cannot vanish under them. */
function refuseServiceChange(world: World, service: Service): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const before = world.services.get(service.name);
  if (before === undefined) return refusals;
  const used = new Set(
    [...world.targets.values()].filter((target) => target.service === service.name).map((target) => target.role),
  );
  for (const role of before.roles) {
    if (!service.roles.includes(role) && used.has(role)) {
      refusals.push({
        code: 'in-use',
        says: `role "${role}" of service "${service.name}" still has targets`,
        remedy: 'keep the role until its targets are gone',
      });
    }
  }
  for (const [slot, spec] of Object.entries(before.slots)) {
    for (const role of spec.roles) {
      const assigned = world.assignments.has(assignmentKey(service.name, role, slot));
      if (assigned && !service.slots[slot]?.roles.includes(role)) {
        refusals.push({
          code: 'in-use',
          says: `slot "${slot}" of role "${role}" still holds revisions that were rolled out`,
          remedy: 'keep the slot',
        });
      }
    }
  }
  return refusals;
}

function refusePipeline(world: World, services: ReadonlyMap<string, Service>, pipeline: Pipeline): readonly Refusal[] {
  const service = services.get(pipeline.service);
  if (service === undefined) return [unknownService(world, pipeline.service, `pipeline "${pipeline.name}"`)];
  const used = new Set(pipeline.checks.flatMap((check) => [check.total, check.failures]));
  for (const stage of pipeline.stages) if (stage.bake.exposure !== null) used.add(stage.bake.exposure.metric);
  return [...used]
    .filter((metric) => service.metrics[metric] === undefined)
    .map((metric) => ({
      code: 'unknown-metric' as const,
      says: `pipeline "${pipeline.name}" uses metric "${metric}", which service "${service.name}" does not define`,
      remedy: meant(metric, Object.keys(service.metrics)),
    }));
}

/** A freeze of a service that is misspelt would bind nobody (law 16). */
function refuseFreeze(world: World, services: ReadonlyMap<string, Service>, freeze: Freeze): readonly Refusal[] {
  return freeze.services
    .filter((service) => !services.has(service))
    .map((service) => unknownService(world, service, `freeze "${freeze.name}"`));
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

function refuseChange(world: World, services: ReadonlyMap<string, Service>, change: Change): readonly Refusal[] {
  const service = services.get(change.service);
  if (service === undefined) return [unknownService(world, change.service, `change "${change.name}"`)];
  const refusals: Refusal[] = change.roles
    .filter((role) => !service.roles.includes(role))
    .map((role) => unknownRole(role, service));
  for (const slot of Object.keys(change.slots)) {
    if (service.slots[slot] !== undefined) continue;
    refusals.push({
      code: 'unknown-slot',
      says: `service "${service.name}" has no slot "${slot}"`,
      remedy: meant(slot, Object.keys(service.slots)),
    });
  }
  if (change.newPath !== undefined && service.metrics[change.newPath] === undefined) {
    const says = `change "${change.name}" names "${change.newPath}" as the metric of its new path, which service "${service.name}" does not define`;
    refusals.push({ code: 'unknown-metric', says, remedy: meant(change.newPath, Object.keys(service.metrics)) });
  }
  return refusals;
}

/** A target that was installed anew comes with a new uid and its old name: the old uid is retired, so that nobody waits for it. */
function decideEnrol(world: World, target: Target): CommandDecision {
  const service = world.services.get(target.service);
  if (service === undefined) return err([unknownService(world, target.service, `target "${target.name}"`)]);
  const role = target.role === '' && service.roles.length === 1 ? (service.roles[0] ?? '') : target.role;
  if (!service.roles.includes(role)) return err([unknownRole(role, service)]);
  const enrolled = { ...target, role };
  if (sameData(world.targets.get(target.uid), enrolled)) return ok([]);
  const events: DomainEvent[] = [];
  for (const other of world.targets.values()) {
    if (other.service === target.service && other.name === target.name && other.uid !== target.uid) {
      events.push({ type: 'TargetRetired', data: { uid: other.uid } });
    }
  }
  return ok([...events, { type: 'TargetEnrolled', data: { target: enrolled } }]);
}

function unknownService(world: World, service: string, by = 'it'): Refusal {
  return {
    code: 'unknown-service',
    says: `${by} names service "${service}", which is not registered`,
    remedy: meant(service, [...world.services.keys()]),
  };
}

export function unknownRollout(world: World, id: string): Refusal {
  return {
    code: 'unknown-rollout',
    says: `there is no rollout "${id}"`,
    remedy: meant(id, [...world.rollouts.keys()]),
  };
}

import { questionOf } from '../analysis/question.ts';
import { sameData } from '../kernel/canonicalJson.ts';
import type { Refusal } from '../kernel/refusal.ts';
import { err, ok } from '../kernel/result.ts';
import type { Change } from '../policy/change.ts';
import type { Freeze } from '../policy/freeze.ts';
import { meant } from '../policy/meant.ts';
import type { Pipeline } from '../policy/pipeline.ts';
import { unknownRole } from '../policy/refuseByState.ts';
import { assignmentKey, roleKey } from '../rollout/assignment.ts';
import type { Service } from '../topology/service.ts';
import { applyCatalog, refuseCatalog } from './decideCatalog.ts';
import type { CommandDecision, Manifest } from './decideCommand.ts';
import type { DomainEvent } from './event.ts';
import { unknownService } from './unknown.ts';
import type { World } from './world.ts';

const MOST_FREEZES = 200;

/** All or none: the first manifest may define what the second one uses, and one refusal keeps everything out. */
export function decideApply(world: World, manifests: readonly Manifest[]): CommandDecision {
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
    } else if (manifest.kind === 'Catalog') {
      refusals.push(...refuseCatalog(world, manifest.catalog));
      events.push(...applyCatalog(world, manifest.catalog));
    } else {
      refusals.push(...refuseChange(world, services, manifest.change));
      const change = declared(world, manifest.change);
      if (!sameData(world.changes.get(change.digest), change)) events.push({ type: 'ChangeApplied', data: { change } });
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
  for (const role of before.roles) {
    if (!service.roles.includes(role) && world.roleSizes.has(roleKey(service.name, role))) {
      refusals.push({
        code: 'in-use',
        says: `role "${role}" of service "${service.name}" still has targets`,
        remedy: 'keep the role until its targets are gone',
      });
    }
  }
  refusals.push(...refuseOtherShares(world, before, service));
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

/** Which part a user belongs to depends on how many there are: with others, users would move between revisions. */
function refuseOtherShares(world: World, before: Service, after: Service): readonly Refusal[] {
  return after.roles
    .filter((role) => !sameData(before.shares?.[role] ?? null, after.shares?.[role] ?? null))
    .filter((role) => world.roleSizes.has(roleKey(after.name, role)))
    .map((role) => ({
      code: 'in-use' as const,
      says: `the shares of role "${role}" of service "${after.name}" cannot be others: it has targets, and users would change places`,
      remedy: 'make another role with the new shares',
    }));
}

function refusePipeline(world: World, services: ReadonlyMap<string, Service>, pipeline: Pipeline): readonly Refusal[] {
  const service = services.get(pipeline.service);
  if (service === undefined) return [unknownService(world, pipeline.service, `pipeline "${pipeline.name}"`)];
  const used = new Set(pipeline.checks.flatMap((check) => (check.of === undefined ? questionOf(check).metrics : [])));
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

/**
 * A change is its content, and what is registered once stays: its name, its author, why. But who finds out later that it cannot be undone
 * may say so; who said so cannot take it back.
 */
function declared(world: World, change: Change): Change {
  const registered = world.changes.get(change.digest);
  if (registered === undefined) return change;
  const { irreversible } = change;
  return registered.irreversible === undefined && irreversible !== undefined
    ? { ...registered, irreversible }
    : registered;
}

function refuseOtherwise(world: World, change: Change): readonly Refusal[] {
  const before = world.changes.get(change.digest)?.irreversible;
  if (before === undefined || sameData(before, change.irreversible)) return [];
  const says = `change "${change.name}" is registered as one that cannot be undone (${before.reason}), and that is not taken back`;
  return [{ code: 'change-differs', says, remedy: 'say the same of it, or make a change of other content' }];
}

function refuseChange(world: World, services: ReadonlyMap<string, Service>, change: Change): readonly Refusal[] {
  const service = services.get(change.service);
  if (service === undefined) return [unknownService(world, change.service, `change "${change.name}"`)];
  const refusals: Refusal[] = [...refuseOtherwise(world, change)];
  for (const role of change.roles) if (!service.roles.includes(role)) refusals.push(unknownRole(role, service));
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

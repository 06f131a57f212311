import { sameData } from '../kernel/canonicalJson.ts';
import { err, ok } from '../kernel/result.ts';
import { unknownRole } from '../policy/refuseByState.ts';
import { nameKey, type Target } from '../topology/target.ts';
import type { CommandDecision } from './decideCommand.ts';
import type { DomainEvent } from './event.ts';
import { unknownService } from './unknown.ts';
import type { World } from './world.ts';

/** A target that was installed anew comes with a new uid and its old name: the old uid is retired, so that nobody waits for it. */
export function decideEnrol(world: World, target: Target): CommandDecision {
  const service = world.services.get(target.service);
  if (service === undefined) return err([unknownService(world, target.service, `target "${target.name}"`)]);
  const role = target.role === '' && service.roles.length === 1 ? (service.roles[0] ?? '') : target.role;
  if (!service.roles.includes(role)) return err([unknownRole(role, service)]);
  const enrolled = { ...target, role };
  if (sameData(world.targets.get(target.uid), enrolled)) return ok([]);
  const enrols: DomainEvent = { type: 'TargetEnrolled', data: { target: enrolled } };
  const other = world.targetNames.get(nameKey(target));
  if (other === undefined || other === target.uid) return ok([enrols]);
  return ok([{ type: 'TargetRetired', data: { uid: other } }, enrols]);
}

import type { FlagUser } from '../../core/flags/evaluateFlag.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { meant } from '../../core/policy/meant.ts';
import type { World } from '../../core/record/world.ts';
import { changeKindOf, type Service } from '../../core/topology/service.ts';
import { nameKey, type Target } from '../../core/topology/target.ts';
import { partOfUser, partsOf } from '../../core/topology/userShares.ts';
import type { FlagContext, FlagProblem } from '../ports/flags.ts';
import { partUid } from './introduceParts.ts';

/** What of an evaluation context is ours. Everything in it, these included, is for the rules. */
export const SERVICE = 'ringfence.service';
export const TARGET = 'ringfence.target';

/** Whose flags are asked for, and for whom. */
export interface FlagMember {
  /** The target whose revision counts: the one that asks, or the part of the users that this one belongs to. */
  readonly target: Target;
  readonly user: FlagUser;
}

/** Reads who asks from the context, or says what is missing in it. */
export function askedFor(context: FlagContext, world: World): Result<FlagMember, FlagProblem> {
  const service = serviceOf(context, world);
  if (!service.ok) return service;
  const key = context.targetingKey;
  if (key !== undefined && typeof key !== 'string') return invalid('targetingKey is not a text');
  const targetingKey = key === undefined || key === '' ? null : key;
  const target =
    context[TARGET] === undefined
      ? partFor(service.value, targetingKey, world)
      : namedTarget(service.value, context[TARGET], world);
  return target.ok ? ok({ target: target.value, user: { targetingKey, context } }) : target;
}

/** Asked with every evaluation; services are seldom others. */
const WITH_FLAGS = new WeakMap<World['services'], readonly Service[]>();

function servicesWithFlags({ services }: World): readonly Service[] {
  const known = WITH_FLAGS.get(services);
  if (known !== undefined) return known;
  const found = [...services.values()].filter(({ slots }) =>
    Object.keys(slots).some((slot) => changeKindOf(slot) === 'flags'),
  );
  WITH_FLAGS.set(services, found);
  return found;
}

function serviceOf(context: FlagContext, world: World): Result<Service, FlagProblem> {
  const withFlags = servicesWithFlags(world);
  const named = context[SERVICE];
  if (named === undefined) {
    const [only] = withFlags;
    if (only === undefined) return invalid('no service here has flags');
    if (withFlags.length === 1) return ok(only);
    return invalid(`several services have flags; say which one in "${SERVICE}"`);
  }
  const found = withFlags.find(({ name }) => name === named);
  if (found !== undefined) return ok(found);
  const names = withFlags.map(({ name }) => name);
  return invalid(`no service "${say(named)}" has flags; ${meant(say(named), names)}`);
}

function namedTarget(service: Service, named: unknown, world: World): Result<Target, FlagProblem> {
  const uid =
    typeof named === 'string' ? world.targetNames.get(nameKey({ service: service.name, name: named })) : undefined;
  const target = uid === undefined ? undefined : world.targets.get(uid);
  return target === undefined
    ? invalid(`service "${service.name}" has no target "${say(named)}" ("${TARGET}")`)
    : ok(target);
}

/** The part of the users that this one belongs to. */
function partFor(service: Service, targetingKey: string | null, world: World): Result<Target, FlagProblem> {
  const [shared] = Object.entries(service.shares ?? {});
  if (shared === undefined)
    return invalid(`the flags of "${service.name}" go by target; say which one asks in "${TARGET}"`);
  if (targetingKey === null)
    return err({
      errorCode: 'TARGETING_KEY_MISSING',
      errorDetails: `the flags of "${service.name}" go by share of users; say who it is in targetingKey`,
    });
  const [role, shares] = shared;
  const index = partOfUser(service.name, role, partsOf(role, shares).length, targetingKey);
  const target = world.targets.get(partUid(service.name, role, index));
  return target === undefined
    ? err({ errorCode: 'GENERAL', errorDetails: `the shares of "${service.name}" are not all there yet` })
    : ok(target);
}

function invalid(errorDetails: string): Result<never, FlagProblem> {
  return err({ errorCode: 'INVALID_CONTEXT', errorDetails });
}

function say(value: unknown): string {
  return String(typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 60);
}

import type { Digest } from '../kernel/digest.ts';
import type { Instant } from '../kernel/instant.ts';
import { approvalRules, type Holder } from '../policy/approval.ts';
import { rolesFor } from '../policy/authority.ts';
import type { Change } from '../policy/change.ts';
import { type Agreement, type Consent, consentOf, FREE_CONSENT, NO_AGREEMENT } from '../policy/consent.ts';
import { personKey } from '../policy/person.ts';
import type { Pipeline } from '../policy/pipeline.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { callerOf } from './caller.ts';
import type { World } from './world.ts';

/** What people agree to: one change through one pipeline, as both, and the service, stood on the record when they said so. */
export interface PlanReference {
  readonly change: Digest;
  /** The change's name, for who reads the record. */
  readonly name: string;
  readonly pipeline: string;
  /** Position of the newest event that changed the change, the pipeline or the service. */
  readonly edition: number;
  /** The rollout that runs of it; `null` before it has started. */
  readonly rollout: string | null;
}

export type Edited = 'Service' | 'Pipeline' | 'Change';

export function editionKey(kind: Edited, name: string): string {
  return `${kind}/${name}`;
}

/** Under this key of the world stands what was agreed. Another edition is another plan: nothing of the old agreement is left. */
export function agreementKey({ change, pipeline, edition }: Omit<PlanReference, 'name' | 'rollout'>): string {
  return `${change}/${pipeline}@${edition}`;
}

export function editionOf(world: Pick<World, 'editions'>, change: Change, pipeline: string): number {
  const { editions } = world;
  const of = (kind: Edited, name: string) => editions.get(editionKey(kind, name)) ?? 0;
  return Math.max(of('Change', change.digest), of('Pipeline', pipeline), of('Service', change.service));
}

/** The plan as it would be started now. */
export function planReference(world: World, change: Change, pipeline: string): PlanReference {
  const { digest, name } = change;
  return { change: digest, name, pipeline, edition: editionOf(world, change, pipeline), rollout: null };
}

/** The plan that a rollout was started from, whatever was registered since. */
export function referenceOf({ id, change, pipeline, edition }: Rollout): PlanReference {
  return { change: change.digest, name: change.name, pipeline: pipeline.name, edition, rollout: id };
}

export function agreementOn(world: Pick<World, 'agreements'>, plan: PlanReference): Agreement {
  return world.agreements.get(agreementKey(plan)) ?? NO_AGREEMENT;
}

/** How far people let a rollout go. */
export function consentTo(world: World, rollout: Rollout, now: Instant): Consent {
  const { change, pipeline, startedBy } = rollout;
  return consent(world, referenceOf(rollout), change, pipeline, startedBy, now);
}

/** The same of one that is not started yet, were this actor to start it. */
export function consentToStart(
  world: World,
  change: Change,
  pipeline: Pipeline,
  starter: string | null,
  now: Instant,
): Consent {
  return consent(world, planReference(world, change, pipeline.name), change, pipeline, starter, now);
}

function consent(
  world: World,
  plan: PlanReference,
  change: Change,
  pipeline: Pipeline,
  starter: string | null,
  now: Instant,
): Consent {
  const agreement = agreementOn(world, plan);
  // Who holds which token is worked out only where somebody is asked: a look must not cost more the more tokens there are.
  if (agreement.breakGlass === null && approvalRules(pipeline, change).length === 0) return FREE_CONSENT;
  const own = ownersOf(world, change, starter);
  const haltedAt = world.halted?.at ?? null;
  return consentOf({ change, pipeline, agreement, own, holders: holdersIn(world), haltedAt }, now);
}

/** Whoever wants a rollout: its author, and who started it. */
export function ownersOf(world: World, change: Change, starter: string | null): readonly string[] {
  const actors = starter === null ? [change.author] : [change.author, starter];
  return actors.map((actor) => callerOf(world, actor).person);
}

/** People who could approve something, with each role that a token in force gives them. */
export function holdersIn({ tokens }: Pick<World, 'tokens'>): readonly Holder[] {
  const holders = new Map<string, Holder>();
  for (const { name, role } of tokens.values()) {
    if (rolesFor('approve').includes(role)) holders.set(`${role}/${personKey(name)}`, { person: name, role });
  }
  return [...holders.values()];
}

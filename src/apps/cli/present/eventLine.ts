import { shortDigest } from '../../../core/kernel/digest.ts';
import type { Change } from '../../../core/policy/change.ts';
import type { PlanReference } from '../../../core/record/agreement.ts';
import type { EventData, EventType } from '../../../core/record/event.ts';
import type { EventBody } from '../../../wire/http/log.ts';
import { type Segment, type StyledLine, segment, type Tone } from '../terminal/styledLine.ts';
import { changeName, count, moment, names } from './words.ts';

/** What an event says to a person, and how much it matters. */
interface Described {
  readonly says: string;
  readonly tone?: Tone;
}

/** Names of a rollout's stages, as far as the reader has learned them. */
export type StageName = (rollout: string, stage: number) => string;

type Describe<T extends EventType> = (data: EventData[T], stage: StageName) => Described;

const DESCRIBE: { readonly [T in EventType]: Describe<T> } = {
  ServiceApplied: ({ service }) => ({ says: `service ${service.name} registered, roles ${service.roles.join(', ')}` }),
  PipelineApplied: ({ pipeline }) => ({
    says: `pipeline ${pipeline.name} registered, ${count(pipeline.stages.length, 'stage')}`,
  }),
  ChangeApplied: ({ change }) => ({
    says: `change ${changeName(change)} registered${change.reason === '' ? '' : `: ${change.reason}`}${sayNoUndo(change)}`,
  }),
  FreezeApplied: ({ freeze: { name, services, reason } }) => ({
    says: `freeze ${name} is on the calendar, for ${services.length === 0 ? 'every service' : names(services)}: ${reason}`,
    tone: 'warn',
  }),
  CatalogApplied: ({ catalog: { name, source, entities } }) => ({
    says: `catalogue ${name} taken in from ${source}, ${count(Object.keys(entities).length, 'entity', 'entities')}`,
  }),
  CatalogRemoved: ({ name }) => ({ says: `catalogue ${name} forgotten, with the dependencies it brought` }),
  FreezeRemoved: ({ name }) => ({ says: `freeze ${name} is off the calendar` }),
  TargetEnrolled: ({ target }) => ({ says: `target ${target.name} enrolled, ${target.service} ${target.role}` }),
  TargetRetired: ({ uid }) => ({ says: `target with uid ${uid} retired` }),
  TokenIssued: ({ token }) => ({ says: `token ${token.id} made for ${token.role} "${token.name}"` }),
  TokenRevoked: ({ id }) => ({ says: `token ${id} revoked` }),
  SigningKeyAdded: ({ key, announcement }) => ({
    says: `signing key ${key.id} added${announcement === null ? '' : `, announced by ${announcement.key}`}`,
  }),
  SigningKeyRetired: ({ id }) => ({ says: `signing key ${id} retired: what it signed is refused`, tone: 'warn' }),
  CheckpointSigned: ({ checkpoint: { document, key } }) => ({
    says: `checkpoint: the record up to event ${document.position} signed with key ${key}`,
  }),
  LineHalted: ({ reason }) => ({ says: `the line is halted: ${reason}`, tone: 'warn' }),
  LineLifted: ({ reason }) => ({
    says: `the halt is lifted${reason === undefined ? '' : `: ${reason}`}`,
    tone: 'good',
  }),
  ApprovalGiven: ({ plan, before, person }) => ({ says: `${person} approves ${sayPlan(plan, before)}`, tone: 'good' }),
  ApprovalRejected: ({ plan, before, person, reason }) => ({
    says: `${person} rejects ${sayPlan(plan, before)}: ${reason}`,
    tone: 'warn',
  }),
  ApprovalWithdrawn: ({ plan, before, person }) => ({
    says: `${person} takes back what was said of ${sayPlan(plan, before)}`,
    tone: 'warn',
  }),
  BreakGlassAsked: ({ plan, person, reason, expires }) => ({
    says: `BREAK-GLASS asked for by ${person} for ${sayPlan(plan)}, until ${moment(new Date(expires).toISOString())}: ${reason}`,
    tone: 'bad',
  }),
  BreakGlassConfirmed: ({ plan, person }) => ({
    says: `BREAK-GLASS confirmed by ${person} for ${sayPlan(plan)}: its gates are open`,
    tone: 'bad',
  }),
  BreakGlassEnded: ({ plan, person }) => ({ says: `break-glass for ${sayPlan(plan)} ended by ${person}` }),
  BreakGlassUsed: ({ id, gates }) => ({ says: `${id} goes on by BREAK-GLASS, past ${gates.join(', ')}`, tone: 'bad' }),
  RolloutStarted: ({ id, change, pipeline, plan, fastTrack }) => ({
    says: `${id} started: ${changeName(change)} through ${pipeline.name} (${plan.map(({ name }) => name).join(' > ')})${fastTrack ? ' by the fast-track' : ''}${sayNoUndo(change)}`,
    ...(change.irreversible === undefined ? {} : { tone: 'warn' as const }),
  }),
  WaveOpened: ({ id, stage, wave, absent }, stageName) => ({
    says: `${id} opened wave ${wave + 1} of ${stageName(id, stage)}${absent.length > 0 ? `; ${count(absent.length, 'target')} not connected` : ''}`,
    tone: 'active',
  }),
  WaveWidened: ({ id, targets }) => ({ says: `${id} goes on with ${count(targets, 'target')}`, tone: 'active' }),
  ReleaseWidened: ({ id, targets }) => ({
    says: `${id} goes back on ${count(targets, 'more target')} that ${targets === 1 ? 'is' : 'are'} well`,
    tone: 'bad',
  }),
  PaceChanged: ({ id, pace }) => ({
    says: `${id} goes ${pace.slower ? 'slower' : 'faster'}, at most ${count(pace.concurrency, 'target')} at once: ${pace.says}`,
    ...(pace.slower ? { tone: 'warn' } : {}),
  }),
  RehearsalStarted: ({ id }, stageName) => ({
    says: `${id} rehearses the way back in ${stageName(id, 0)}`,
    tone: 'active',
  }),
  RehearsalProved: ({ id, targets }) => ({
    says: `${id} went back as rehearsed: ${count(targets, 'target')}, by effect`,
    tone: 'good',
  }),
  BakeStarted: ({ id, stage }, stageName) => ({
    says: `${id} bakes ${stageName(id, stage)}: all of its targets confirmed`,
    tone: 'active',
  }),
  StagePassed: ({ id, stage, evidence }, stageName) => ({
    says: `${id} passed ${stageName(id, stage)}: ${evidence.verdicts.map(({ check, role, outcome }) => `${check} on ${role} ${outcome}`).join(', ') || 'no checks'}`,
    tone: 'good',
  }),
  EvidenceSigned: ({ id, stage, role, evidence }, stageName) => ({
    says: `${id}: evidence of ${stageName(id, stage)} on ${role} signed with key ${evidence.key}`,
  }),
  EvidenceRevoked: ({ id, stage, reason }, stageName) => ({
    says: `${id}: evidence of ${stageName(id, stage)} revoked: ${reason}`,
    tone: 'warn',
  }),
  PermitIssued: ({ id, role, permit: { document, key } }) => ({
    says: `${id}: ${role} permitted ${document.stage === null ? 'everywhere' : `as far as stage ${document.stage.name}`}, signed with key ${key}`,
  }),
  HoldRaised: ({ id, reason, says }) => ({ says: `${id} is held, ${reason}: ${says}`, tone: 'warn' }),
  HoldLifted: ({ id, reason }) => ({ says: `${id} is no longer held by ${reason}` }),
  HoldsAccepted: ({ id, reasons }) => ({
    says: `${id} goes on in spite of ${reasons.join(', ')}: a person accepted it`,
    tone: 'warn',
  }),
  TargetsFailed: ({ id, failed, count: all }) => ({
    says: `${id}: ${count(all, 'target')} failed: ${failed
      .map(({ target, code, says }) => `${target} (${code}): ${says}`)
      .slice(0, 3)
      .join('; ')}${all > 3 ? `; and ${all - 3} more` : ''}`,
    tone: 'bad',
  }),
  RolloutPaused: ({ id, reason }) => ({ says: `${id} paused: ${reason}`, tone: 'warn' }),
  RolloutResumed: ({ id }) => ({ says: `${id} resumed` }),
  RollbackOrdered: ({ id, code, says }) => ({ says: `${id} rolls back, ${code}: ${says}`, tone: 'bad' }),
  // Why is what the rollback before it said.
  DigestQuarantined: ({ id, change }) => ({
    says: `${id}: change ${shortDigest(change)} is quarantined and will not go out again`,
    tone: 'bad',
  }),
  StragglersListed: ({ id, targets, count: all }) => ({
    says: `${id}: ${count(all, 'target')} not back in time: ${names(targets, all)}`,
    tone: 'bad',
  }),
  RolledBack: ({ id, kept = 0 }) => ({
    says:
      kept === 0
        ? `${id} rolled back: every target is back`
        : `${id} stopped, not undone: ${count(kept, 'target')} ${kept === 1 ? 'keeps' : 'keep'} it`,
    tone: 'bad',
  }),
  RolloutCompleted: ({ id }) => ({ says: `${id} completed: it is the last known good now`, tone: 'good' }),
};

function sayNoUndo({ irreversible }: Change): string {
  return irreversible === undefined ? '' : `; it cannot be undone: ${irreversible.reason}`;
}

/** What people speak of: the rollout where there is one. */
function sayPlan({ name, pipeline, rollout }: PlanReference, before?: string): string {
  const where = before === undefined ? '' : before === 'start' ? ' to start' : ` to reach ${before}`;
  return `${rollout ?? `${name} through ${pipeline}`}${where}`;
}

/** What happened, in a sentence. An event of a later version is named, and no more is claimed of it. */
function describeEvent({ type, data }: EventBody, stage: StageName): Described {
  if (!Object.hasOwn(DESCRIBE, type)) return { says: type };
  try {
    // The data comes from another program: what does not have the shape this version knows is not described.
    return (DESCRIBE[type as EventType] as Describe<EventType>)(data as never, stage);
  } catch {
    return { says: type };
  }
}

/** Signatures follow what they sign: on the record they are events, to somebody who watches they are no news. */
export function isNews({ type }: EventBody): boolean {
  return type !== 'EvidenceSigned' && type !== 'PermitIssued' && type !== 'CheckpointSigned';
}

/** The same with whose doing it was, when it was not the engine's own. */
export function eventSays(event: EventBody, stage: StageName): Segment {
  const { says, tone = 'plain' } = describeEvent(event, stage);
  const loud = event.data.breakGlass === true ? `[BREAK-GLASS] ${says}` : says;
  return segment(event.actor === 'engine' ? loud : `${loud} (by ${event.actor})`, tone);
}

/** `2026-03-01T12:00:00Z  shop-2 opened wave 1 of canary`: one line for a pipe. */
export function plainEvent(event: EventBody, stage: StageName): StyledLine {
  return [segment(`${moment(event.at)}  `, 'faint'), eventSays(event, stage)];
}

/** Learns the names of stages from the events that have them. */
export class StageNames {
  readonly #plans = new Map<string, readonly string[]>();

  readonly name: StageName = (rollout, stage) => {
    const name = this.#plans.get(rollout)?.[stage];
    return name === undefined ? `stage ${stage + 1}` : `stage ${name}`;
  };

  learn(event: EventBody): void {
    if (event.type !== 'RolloutStarted') return;
    const { id, plan } = event.data as Partial<EventData['RolloutStarted']>;
    if (typeof id === 'string' && Array.isArray(plan)) this.learnPlan(id, plan);
  }

  learnPlan(rollout: string, plan: readonly { readonly name: string }[]): void {
    this.#plans.set(
      rollout,
      plan.map(({ name }) => String(name)),
    );
  }
}

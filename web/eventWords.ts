import type { EventBody } from '../src/wire/http/log.ts';
import type { RolloutBody } from '../src/wire/http/rollout.ts';
import { listed, plural, shortDigest } from './words.ts';

/** An entry of the record in words; runs of the same routine event are one entry. */
export interface Entry {
  readonly position: number;
  readonly at: string;
  readonly actor: string;
  readonly says: string;
  /** Something people should notice. */
  readonly tone: 'plain' | 'good' | 'bad' | 'wait';
  readonly hash: string;
}

/** The stages of a rollout, when they are known. */
export type PlanOf = (rollout: string) => RolloutBody['plan'] | null;

/** Newest first. */
export function toEntries(events: readonly EventBody[], planOf: PlanOf): readonly Entry[] {
  const entries: Entry[] = [];
  let enrolled: string[] = [];
  for (const event of events) {
    if (event.type === 'TargetEnrolled') enrolled.unshift(text(event.data.target, 'name'));
    else enrolled = [];
    if (enrolled.length > 1) entries.pop();
    const { position, at, actor, hash } = event;
    const [says, tone] =
      enrolled.length > 1
        ? ([`${plural(enrolled.length, 'target')} enrolled: ${listed(enrolled, 3)}`, 'plain'] as const)
        : describe(event, planOf);
    const loud = event.data.breakGlass === true ? `break-glass: ${says}` : says;
    entries.push({ position, at, actor, hash, says: loud, tone });
  }
  return entries.reverse();
}

function describe({ type, data }: EventBody, planOf: PlanOf): readonly [says: string, tone: Entry['tone']] {
  const id = text(data, 'id');
  const planned = planOf(id)?.[number(data, 'stage')];
  const stage = planned?.name ?? `stage ${number(data, 'stage') + 1}`;
  switch (type) {
    case 'ServiceApplied':
      return [`service ${text(data.service, 'name')} registered`, 'plain'];
    case 'PipelineApplied':
      return [`pipeline ${text(data.pipeline, 'name')} registered`, 'plain'];
    case 'ChangeApplied': {
      const change = data.change;
      return [`change ${text(change, 'name')} (${shortDigest(text(change, 'digest'))}) registered`, 'plain'];
    }
    case 'FreezeApplied':
      return [`freeze ${text(data.freeze, 'name')} is on the calendar: ${text(data.freeze, 'reason')}`, 'wait'];
    case 'FreezeRemoved':
      return [`freeze ${text(data, 'name')} is off the calendar`, 'plain'];
    case 'CatalogApplied':
      return [`catalogue ${text(data.catalog, 'name')} taken in from ${text(data.catalog, 'source')}`, 'plain'];
    case 'CatalogRemoved':
      return [`catalogue ${text(data, 'name')} forgotten`, 'plain'];
    case 'TargetEnrolled':
      return [`target ${text(data.target, 'name')} enrolled`, 'plain'];
    case 'TargetRetired':
      return [`target ${text(data, 'uid').slice(0, 8)} retired`, 'plain'];
    case 'TokenIssued':
      return [`${text(data.token, 'role')} token "${text(data.token, 'name')}" issued`, 'plain'];
    case 'TokenRevoked':
      return [`token ${id} revoked`, 'plain'];
    case 'SigningKeyAdded':
      return [`signing key ${text(data.key, 'id')} added`, 'plain'];
    case 'SigningKeyRetired':
      return [`signing key ${id} retired`, 'plain'];
    case 'CheckpointSigned':
      return [`the record up to event ${number(member(data.checkpoint, 'document'), 'position')} was signed`, 'plain'];
    case 'LineHalted':
      return [`the line was halted: ${text(data, 'reason')}`, 'bad'];
    case 'LineLifted':
      return [`the halt was lifted${text(data, 'reason') === '' ? '' : `: ${text(data, 'reason')}`}`, 'plain'];
    case 'ApprovalGiven':
      return [`${text(data, 'person')} approved ${planText(data)}`, 'good'];
    case 'ApprovalRejected':
      return [`${text(data, 'person')} rejected ${planText(data)}: ${text(data, 'reason')}`, 'wait'];
    case 'ApprovalWithdrawn':
      return [`${text(data, 'person')} took back what they said of ${planText(data)}`, 'wait'];
    case 'BreakGlassAsked':
      return [`${text(data, 'person')} asked for break-glass for ${planText(data)}: ${text(data, 'reason')}`, 'bad'];
    case 'BreakGlassConfirmed':
      return [`${text(data, 'person')} confirmed break-glass for ${planText(data)}`, 'bad'];
    case 'BreakGlassEnded':
      return [`${text(data, 'person')} ended break-glass for ${planText(data)}`, 'plain'];
    case 'BreakGlassUsed':
      return [`${id} went past ${gatesText(data)} by break-glass`, 'bad'];
    case 'RolloutStarted':
      return [`${id} started: ${text(data.change, 'name')}`, 'plain'];
    case 'WaveOpened': {
      const wave = number(data, 'wave');
      const reach = planned?.waves[wave]?.targets;
      return [
        `${id} opened ${stage}, wave ${wave + 1}${reach === undefined ? '' : ` (${plural(reach, 'target')})`}`,
        'plain',
      ];
    }
    case 'WaveWidened':
      return [`${id} goes on with ${plural(number(data, 'targets'), 'target')}`, 'plain'];
    case 'ReleaseWidened':
      return [`${id} goes back on ${plural(number(data, 'targets'), 'more target')}`, 'bad'];
    case 'PaceChanged': {
      const most = plural(number(data.pace, 'concurrency'), 'target');
      const slower = member(data.pace, 'slower') === true;
      return [`${id}: at most ${most} at once: ${text(data.pace, 'says')}`, slower ? 'wait' : 'plain'];
    }
    case 'RehearsalStarted':
      return [`${id} rehearses the way back`, 'plain'];
    case 'RehearsalProved':
      return [`${id} went back as rehearsed (${plural(number(data, 'targets'), 'target')})`, 'good'];
    case 'BakeStarted':
      return [`${id} bakes in ${stage}`, 'plain'];
    case 'StagePassed':
      return [`${id} passed ${stage}`, 'good'];
    case 'EvidenceSigned':
      return [`${id}: the evidence of ${stage} on ${text(data, 'role')} was signed`, 'plain'];
    case 'EvidenceRevoked':
      return [`${id}: the evidence of ${stage} was revoked: ${text(data, 'reason')}`, 'bad'];
    case 'PermitIssued':
      return [`${id}: ${text(data, 'role')} was given its permit`, 'plain'];
    case 'HoldRaised':
      return [`${id} holds: ${text(data, 'says') || text(data, 'reason')}`, 'wait'];
    case 'HoldLifted':
      return [`${id}: no longer held by ${text(data, 'reason')}`, 'plain'];
    case 'HoldsAccepted':
      return [`${id}: held reasons were accepted`, 'plain'];
    case 'TargetsFailed':
      return [`${id}: ${plural(number(data, 'count'), 'target')} failed`, 'bad'];
    case 'RolloutPaused':
      return [`${id} was paused${text(data, 'reason') === '' ? '' : `: ${text(data, 'reason')}`}`, 'wait'];
    case 'RolloutResumed':
      return [`${id} was resumed`, 'plain'];
    case 'RollbackOrdered':
      return [`${id} goes back: ${text(data, 'says')}`, 'bad'];
    case 'DigestQuarantined':
      return [`change ${shortDigest(text(data, 'change'))} is in quarantine`, 'bad'];
    case 'StragglersListed':
      return [`${id}: ${plural(number(data, 'count'), 'target')} not back in time`, 'bad'];
    case 'RolledBack':
      return number(data, 'kept') > 0
        ? [`${id} stopped, not undone: ${plural(number(data, 'kept'), 'target')} hold it still`, 'bad']
        : [`${id} is back: every target holds what it held before`, 'good'];
    case 'RolloutCompleted':
      return [`${id} completed: its change is the last known good`, 'good'];
    default:
      // A later version's event: its name says more than nothing.
      return [`${type}${id === '' ? '' : ` (${id})`}`, 'plain'];
  }
}

function text(data: unknown, name: string): string {
  const value = member(data, name);
  return typeof value === 'string' ? value : '';
}

/** What people speak of, in approvals and break-glass. */
function planText(data: unknown): string {
  const plan = member(data, 'plan');
  const before = text(data, 'before');
  const where = before === '' ? '' : ` before ${before === 'start' ? 'it starts' : before}`;
  return `${text(plan, 'rollout') || text(plan, 'name')}${where}`;
}

function gatesText(data: unknown): string {
  const gates = member(data, 'gates');
  return Array.isArray(gates) ? gates.map(String).join(', ') : '';
}

function number(data: unknown, name: string): number {
  const value = member(data, name);
  return typeof value === 'number' ? value : 0;
}

function member(data: unknown, name: string): unknown {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[name] : undefined;
}

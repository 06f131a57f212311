import type { DomainEvent } from '../record/event.ts';
import type { Assessment } from './assessment.ts';
import { type Border, isWorthIt } from './border.ts';
import type { DomainStanding } from './domainBook.ts';
import { paceFor } from './paceOfWave.ts';
import type { Rollout } from './rollout.ts';

/** The part of a stage that a rollout would open next: the targets whose place is in [from, to). */
export interface Ahead {
  readonly stage: number;
  readonly wave: number;
  readonly from: number;
  readonly to: number;
}

/** How far a part of the fleet can be ordered to move now (law 11, law 12). */
export interface Reachable {
  readonly from: number;
  readonly border: Border;
  /** The domain that keeps it from going further. */
  readonly full: DomainStanding | null;
}

export type AheadNow = Ahead & Reachable;

/** What a rollout would open next, if nothing held it; `null`: nothing, or it is not going forward. */
export function aheadOf(rollout: Rollout): Ahead | null {
  const { stage, wave, phase, plan, openings } = rollout;
  const below = openings[stage]?.below ?? 0;
  switch (phase) {
    case 'rolling': {
      const to = plan[stage]?.waves[wave]?.below ?? 1;
      if (below < to) return { stage, wave, from: below, to };
      const next = plan[stage]?.waves[wave + 1];
      return next === undefined ? null : { stage, wave: wave + 1, from: below, to: next.below };
    }
    case 'rehearsing':
      return { stage, wave, from: 0, to: 1 };
    case 'baking':
    case 'ready': {
      const first = plan[stage + 1]?.waves[0];
      return first === undefined ? null : { stage: stage + 1, wave: 0, from: 0, to: first.below };
    }
    case 'rollingBack':
    case 'rolledBack':
    case 'completed':
      return null;
  }
}

export type Opening =
  | { readonly kind: 'events'; readonly events: readonly DomainEvent[] }
  /** It is not known yet how far, or as many as may be are under way. */
  | { readonly kind: 'waiting' }
  /** A failure domain has no room, and nothing of what is under way will make some. */
  | { readonly kind: 'no-capacity' };

/**
 * Opens the part ahead as far as it can be now: a whole wave where neither floor nor pace are asked for, else its next step.
 */
export function openAhead(rollout: Rollout, ahead: Ahead, assessment: Assessment): Opening {
  const { tally } = assessment;
  const now = assessment.ahead;
  if (now === undefined) return opened(rollout, ahead, ahead.to, assessment);
  const isThis = (['stage', 'wave', 'from', 'to'] as const).every((key) => now[key] === ahead[key]);
  if (!isThis) return { kind: 'waiting' };
  const { below, targets, stop } = now.border;
  if (targets === 0 && stop !== null) {
    return stop.kind === 'domain' && tally.moving === 0 ? { kind: 'no-capacity' } : { kind: 'waiting' };
  }
  if (!isWorthIt(now.border, tally.moving)) return { kind: 'waiting' };
  return opened(rollout, ahead, below, assessment);
}

/** Whether the part ahead belongs to the wave that is open already. */
export function isWidening({ phase, stage, wave }: Rollout, ahead: Ahead): boolean {
  return phase === 'rolling' && stage === ahead.stage && wave === ahead.wave;
}

function opened(rollout: Rollout, ahead: Ahead, below: number, assessment: Assessment): Opening {
  const { id, pipeline } = rollout;
  const spec = pipeline.stages[ahead.stage];
  if (spec === undefined) throw new Error(`invariant broken: ${id} opens stage ${ahead.stage}, beyond its pipeline`);
  const contact = assessment.contact({ stage: spec.name, targets: spec.targets, below });
  if (isWidening(rollout, ahead)) {
    const targets = assessment.ahead?.border.targets ?? 0;
    return { kind: 'events', events: [{ type: 'WaveWidened', data: { id, below, targets, ...contact } }] };
  }
  const { stage, wave, from } = ahead;
  const { confirmed, failed, slow } = assessment.tally;
  const pace = paceFor(rollout, stage, { confirmed: from === 0 ? 0 : confirmed, failed, slow });
  const data = { id, stage, wave, below, ...contact, ...(pace === null ? {} : { pace }) };
  return { kind: 'events', events: [{ type: 'WaveOpened', data }] };
}

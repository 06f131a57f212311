import type { Instant } from '../kernel/instant.ts';
import type { Gate } from '../policy/approval.ts';
import type { Breakable } from '../policy/breakGlass.ts';
import { type Consent, whatStands } from '../policy/consent.ts';
import { bindingAt } from '../policy/freeze.ts';
import type { DomainEvent } from '../record/event.ts';
import type { Assessment } from './assessment.ts';
import type { Rollout } from './rollout.ts';

/** What people, the calendar and the line keep shut now, and what break-glass opens of it (laws 14 and 15). */
export interface PeopleGate {
  readonly holds: readonly Breakable[];
  /** Shut, were it not for break-glass. */
  readonly broken: readonly Breakable[];
  readonly gates: readonly Gate[];
}

type Seen = Pick<Assessment, 'consent' | 'lineHalted' | 'freezes'>;

/**
 * The one code path for every step: a wave, the next stage, a promotion. Gates that were passed are looked at again, for who
 * approved may take it back. `next`: what would come.
 */
export function peopleGate(
  rollout: Rollout,
  next: readonly DomainEvent[],
  { consent, lineHalted, freezes }: Seen,
  now: Instant,
): PeopleGate {
  const frozen = bindingAt(freezes, now).length > 0;
  const stands = whatStands(consent, reachOf(rollout, next), { lineHalted, frozen });
  const holds: Breakable[] = [];
  if (stands.lineHalted) holds.push('line-halted');
  if (stands.frozen) holds.push('frozen');
  if (stands.gates.length > 0) holds.push('awaiting-approval');
  return { holds, broken: stands.broken, gates: stands.gates };
}

/** The gates that keep it shut where it stands. */
export function standingGates(rollout: Rollout, consent: Consent): readonly Gate[] {
  return whatStands(consent, reachOf(rollout, []), { lineHalted: false, frozen: false }).gates;
}

/** On the record, before what it let through. */
export function breakGlassUsed(
  { id }: Pick<Rollout, 'id'>,
  broken: readonly Breakable[],
  next: readonly DomainEvent[],
): readonly DomainEvent[] {
  if (broken.length === 0 || !next.some(isOpening)) return [];
  return [{ type: 'BreakGlassUsed', data: { id, gates: broken } }];
}

/** Whether it gives the change to more targets. */
export function isOpening({ type }: DomainEvent): boolean {
  return type === 'WaveOpened' || type === 'WaveWidened';
}

/** The furthest stage that is open, or would be. */
function reachOf({ phase, stage }: Rollout, next: readonly DomainEvent[]): number {
  const opened = next.map((event) => (event.type === 'WaveOpened' ? event.data.stage : 0));
  return Math.max(phase === 'ready' ? stage + 1 : stage, ...opened);
}

import { type DurationMs, formatDuration, type Instant } from '../kernel/instant.ts';

/** Law 15: two people, a reason and an expiry. */
export interface BreakGlass {
  readonly reason: string;
  readonly askedBy: string;
  readonly askedAt: Instant;
  /** Whoever else confirmed it; `null`: nobody yet, and it opens nothing. */
  readonly confirmedBy: string | null;
  readonly confirmedAt: Instant | null;
  readonly expires: Instant;
}

export interface ConfirmedBreakGlass extends BreakGlass {
  readonly confirmedBy: string;
  readonly confirmedAt: Instant;
}

/** For longer than this, people can be asked in the ordinary way. */
export const LONGEST_BREAK_GLASS_MS: DurationMs = 4 * 3_600_000;

/**
 * The gates it opens, and no others. They keep a change waiting; none of them says anything about the change. What does say
 * something of it stands: evidence and permits, the first stage with its bake, the rehearsal, quarantine, one suspect at a time, and
 * the two approvals of what cannot be undone.
 */
export const BREAKABLE = ['line-halted', 'frozen', 'awaiting-approval'] as const;
export type Breakable = (typeof BREAKABLE)[number];

export function inForce(glass: BreakGlass | null | undefined, now: Instant): glass is ConfirmedBreakGlass {
  return glass != null && glass.confirmedAt !== null && glass.confirmedBy !== null && now < glass.expires;
}

export function sayBreakGlass({ reason, askedBy, confirmedBy, expires }: BreakGlass, now: Instant): string {
  const people = confirmedBy === null ? `asked for by ${askedBy}` : `by ${askedBy} and ${confirmedBy}`;
  const until = now < expires ? `for ${formatDuration(expires - now)} more` : 'over';
  return `break-glass ${people}, ${until}: ${reason}`;
}

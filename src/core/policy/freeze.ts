import type { Instant } from '../kernel/instant.ts';
import type { Refusal } from '../kernel/refusal.ts';

/** A span of the calendar, or many, in which nothing moves forward (law 14). What it comes to in moments is for the calendar to work out. */
export interface Freeze {
  readonly name: string;
  /** The services it binds; empty: every one, those to come included. */
  readonly services: readonly string[];
  readonly reason: string;
  /** The IANA name of the time zone in which its wall-clock times are meant. */
  readonly timeZone: string;
  /** Wall-clock time without an offset: `2026-12-24T00:00:00`. With a rule, the earliest start there may be. */
  readonly starts: string;
  /** An RFC 5545 duration, in which a day is a day of the calendar (`P9D`), or the wall-clock time it ends; a rule goes with a duration only. */
  readonly lasts: { readonly duration: string } | { readonly ends: string };
  /** An RFC 5545 recurrence rule (`FREQ=WEEKLY;BYDAY=FR`); `null`: once. */
  readonly rule: string | null;
  /** Wall-clock starts that the rule would give and that are left out. */
  readonly except: readonly string[];
}

/** One span in which a freeze binds: from `starts`, which is in it, to `ends`, which is not. */
export interface FreezeWindow {
  readonly freeze: string;
  readonly reason: string;
  readonly starts: Instant;
  readonly ends: Instant;
  /** The same in the freeze's own zone, for people: `2026-12-24 00:00 Europe/Berlin`. */
  readonly local: { readonly starts: string; readonly ends: string };
}

/** The windows that bind at this moment. Deny wins: one is enough. */
export function bindingAt(windows: readonly FreezeWindow[], now: Instant): readonly FreezeWindow[] {
  return windows.filter((window) => window.starts <= now && now < window.ends);
}

/** Which freezes bind, why, and until when; each by its own clock. */
export function sayFrozen(binding: readonly FreezeWindow[]): string {
  const each = binding.map(({ freeze, reason, local }) => `"${freeze}" (${reason}) until ${local.ends}`);
  return `frozen by ${each.join(' and by ')}`;
}

/** The one answer of law 14, to starting and to promoting alike; `null` when nothing binds now. */
export function refuseFrozen(windows: readonly FreezeWindow[], now: Instant): Refusal | null {
  const binding = bindingAt(windows, now);
  if (binding.length === 0) return null;
  return {
    code: 'frozen',
    says: sayFrozen(binding),
    remedy: 'wait for its end; a rollback needs no open calendar',
  };
}

import type { DurationMs, Instant } from '../../../core/kernel/instant.ts';

/** No server keeps an agent away for longer than this, whatever it says. */
const MOST_MS = 3_600_000;

/** How long the `Retry-After` header of HTTP asks to wait: seconds, or a date. `null` when it says neither. */
export function readRetryAfter(header: string | undefined, now: Instant): DurationMs | null {
  if (header === undefined) return null;
  const waitMs = /^\s*\d{1,9}\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(waitMs) ? null : bounded(waitMs);
}

/** The same of OpAMP's `retry_info`, in nanoseconds. */
export function readRetryInfo(nanoseconds: bigint): DurationMs {
  return bounded(Number(nanoseconds / 1_000_000n));
}

function bounded(waitMs: DurationMs): DurationMs {
  return Math.min(Math.max(0, waitMs), MOST_MS);
}

import type { Digest } from '../../../core/kernel/digest.ts';
import { shortDigest } from '../../../core/kernel/digest.ts';
import { formatDuration } from '../../../core/kernel/instant.ts';

/** `5m ago`; `just now` within a second, and where clocks differ so that it would lie ahead. */
export function ago(at: string, now: number): string {
  const ms = now - Date.parse(at);
  return ms < 1000 ? 'just now' : `${formatDuration(ms)} ago`;
}

/** `2026-03-01T12:00:00Z`: for pipes and records, the same everywhere. */
export function moment(at: string): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** `12:00:00` where the person is: for what happens while they look. */
export function clockTime(at: string): string {
  return new Date(at).toTimeString().slice(0, 8);
}

/** `1 target`, `2 targets`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`;
}

/** `a`, `a and b`, `a, b and 3 more`. */
export function names(all: readonly string[], total = all.length, most = 5): string {
  const shown = all.slice(0, total > most ? most - 1 : most);
  const rest = total - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** `+0.42`: a difference of shares in percentage points. */
export function points(difference: number): string {
  return `${difference < 0 ? '-' : '+'}${(Math.abs(difference) * 100).toFixed(2)}`;
}

/** A change as people recognise it: what its author called it and the start of its digest. */
export function changeName(change: { readonly name: string; readonly digest: Digest }): string {
  return `${change.name} ${shortDigest(change.digest)}`;
}

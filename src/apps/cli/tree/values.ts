import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../../core/kernel/instant.ts';

/** `-f a -f b`. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null || ms === 0) throw new InvalidArgumentError('Expected a duration such as 90s, 5m or 1h30m.');
  return ms;
}

export function position(text: string): number {
  return wholeNumber(text, 0, Number.MAX_SAFE_INTEGER, 'Expected a position in the log: 0, or the number of an event.');
}

export function limit(text: string): number {
  return wholeNumber(text, 1, 100_000, 'Expected a whole number from 1 to 100000.');
}

export function port(text: string): number {
  return wholeNumber(text, 0, 65_535, 'Expected a port from 1 to 65535, or 0 for any that is free.');
}

function wholeNumber(text: string, least: number, most: number, expected: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : -1;
  if (value < least || value > most) throw new InvalidArgumentError(expected);
  return value;
}

export function label(text: string, before: readonly string[] = []): readonly string[] {
  if (!/^[^=]+=/.test(text)) throw new InvalidArgumentError('Expected NAME=VALUE, as in ring=canary.');
  return [...before, text];
}

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

export function bytesPerSecond(text: string): number {
  const [, digits = '', unit = 'B'] = /^([1-9][0-9]{0,8})(B|KiB|MiB|GiB)$/.exec(text) ?? [];
  if (digits === '') throw new InvalidArgumentError('Expected a size such as 500KiB, 50MiB or 1GiB.');
  return Number(digits) * (UNITS[unit] ?? 1);
}

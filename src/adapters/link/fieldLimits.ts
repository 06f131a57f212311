import { type Digest, isDigest } from '../../core/kernel/digest.ts';
import { MalformedError } from './malformed.ts';

/** The most of everything that one message between our agents and our server may hold. Encoders keep to it, decoders insist on it. */
export const FIELD_LIMITS = {
  /** UTF-16 units of a name: service, slot, label, metric, rollout. */
  name: 256,
  /** Of a sentence or an error's text. */
  text: 4096,
  slots: 256,
  checks: 256,
  watches: 1024,
  openings: 64,
  /** Artifacts of a slot that cannot be undone. */
  kept: 256,
  permits: 512,
  keys: 256,
  /** Bytes of one signed document. */
  document: 1024 * 1024,
  labels: 64,
  labelValues: 1024,
  observations: 4096,
  /** Names of what a target exposes, of each kind. */
  exposed: 200,
  /** Of one sketch. */
  bounds: 256,
  /** Of one gauge. */
  readings: 64,
  /** Fields in one message, counted before it is decoded. */
  records: 100_000,
} as const;

// Control characters, line separators and lone surrogates: in a name they could only mislead whoever reads it on a terminal.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Readers of single values. Each throws a `MalformedError` that names the place. */
export function readName(at: string, value: string): string {
  if (value === '' || value.length > FIELD_LIMITS.name) {
    throw new MalformedError(at, `a name of ${value.length} characters; expected 1 to ${FIELD_LIMITS.name}`);
  }
  if (UNPRINTABLE.test(value)) throw new MalformedError(at, 'a name with control characters in it');
  return value;
}

export function readText(at: string, value: string): string {
  if (value.length > FIELD_LIMITS.text) {
    throw new MalformedError(at, `a text of ${value.length} characters; expected at most ${FIELD_LIMITS.text}`);
  }
  return value;
}

export function readCount(at: string, value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new MalformedError(at, `${value} is too large; expected below 2^53`);
  return Number(value);
}

export function readDigest(at: string, value: Uint8Array): Digest {
  const digest = readOptionalDigest(at, value);
  if (digest === null) throw new MalformedError(at, 'is empty; expected the 32 bytes of a SHA-256');
  return digest;
}

export function readOptionalDigest(at: string, value: Uint8Array): Digest | null {
  if (value.length === 0) return null;
  if (value.length !== 32) throw new MalformedError(at, `${value.length} bytes; expected the 32 of a SHA-256, or none`);
  return `sha256:${value.toHex()}`;
}

export function digestBytes(digest: Digest | null): Uint8Array {
  if (digest === null) return new Uint8Array();
  if (!isDigest(digest)) throw new TypeError(`"${digest}" is not a digest`);
  return Uint8Array.fromHex(digest.slice('sha256:'.length));
}

export function readList<From, To>(
  at: string,
  items: readonly From[],
  most: number,
  read: (at: string, item: From) => To,
): To[] {
  if (items.length > most) throw new MalformedError(at, `${items.length} items; expected at most ${most}`);
  return items.map((item, index) => read(`${at}[${index}]`, item));
}

/** A list in which each name may stand once. */
export function readDistinct<From, To>(
  at: string,
  items: readonly From[],
  most: number,
  nameOf: (item: From) => string,
  read: (at: string, item: From) => To,
): To[] {
  const seen = new Set<string>();
  return readList(at, items, most, (place, item) => {
    const name = nameOf(item);
    if (seen.has(name)) throw new MalformedError(place, `"${name}" is named twice`);
    seen.add(name);
    return read(place, item);
  });
}

/** At most what a decoder accepts of a text, cut between characters. */
export function cutText(text: string): string {
  const wellFormed = text.toWellFormed();
  if (wellFormed.length <= FIELD_LIMITS.text) return wellFormed;
  return `${wellFormed.slice(0, FIELD_LIMITS.text - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

import { coarsened, sketchSince, sumOfSketches } from '../../../core/analysis/sketchChange.ts';
import type { Figures, Sketch } from '../../../core/analysis/targetSample.ts';
import type { DurationMs, Instant } from '../../../core/kernel/instant.ts';
import type { OtlpPoint, Reading } from './otlpPoint.ts';

/** Points of one target and one metric that carry the same attributes, from the same resource. */
interface Stream {
  start: Instant | null;
  time: Instant;
  reading: Reading;
}

/** Who sent it, and with which attributes. */
export interface StreamKey {
  readonly resource: string;
  readonly attributes: string;
}

const MINUTE_MS = 60_000;
/** SDKs report every minute if they are not told otherwise; what covers more began too long ago to be put down to what is in force now. */
const LONGEST_MS = 150_000;
/** Clocks of one machine are not read at the same moment. */
const SLACK_MS = 1_000;
const MOST_STREAMS = 500;
const MOST_BUCKETS = 160;
const KEPT_MS = 60 * MINUTE_MS;

/** What one target has sent of one metric in one request, and the time that it covers. */
export interface Batch {
  values: number[];
  count: number | null;
  sketch: Sketch | null;
  minutes: number;
  time: Instant;
  /** Something in it was wrong, so nothing of it is used. */
  refused: boolean;
}

export function emptyBatch(): Batch {
  return { values: [], count: null, sketch: null, minutes: 0, time: Number.NEGATIVE_INFINITY, refused: false };
}

/** `null`: it says nothing new. An error: it says things that do not go together. */
export function figuresOf({ values, count, sketch }: Batch): Figures | null | { readonly error: string } {
  const kinds = [values.length > 0, count !== null, sketch !== null].filter(Boolean).length;
  if (kinds > 1) return { error: 'points of different kinds under one name' };
  if (sketch !== null) return coarsened(sketch, MOST_BUCKETS);
  if (count !== null) return [count];
  return values.length > 0 ? values : null;
}

/**
 * What one target has sent of one metric so far, as far as it takes to know what is new. Cumulative points are compared with those
 * before them; a new start means that they count from 0 again. Repeated and overtaken points say nothing.
 */
export class TargetStreams {
  readonly #streams = new Map<string, Stream>();
  readonly #resources = new Map<string, Instant>();
  /** Up to when figures were handed on: no time is counted twice, however many requests it comes in. */
  #covered = Number.NEGATIVE_INFINITY;

  /** Adds what is new in a point to a batch. A text says what is wrong with it, as what follows "it sends". */
  add(key: StreamKey, point: OtlpPoint, windowMs: DurationMs, batch: Batch): string | null {
    if (!point.reading.ok) return point.reading.error;
    const reading = point.reading.value;
    const id = `${key.resource}\n${key.attributes}`;
    const last = this.#streams.get(id);
    // Whoever sent that is gone: there is nothing to compare with.
    const before = last !== undefined && point.time - last.time > LONGEST_MS ? undefined : last;
    if (before === undefined && this.#streams.size >= MOST_STREAMS && !this.#makeRoom(point.time))
      return `more than ${MOST_STREAMS} series of one target: give the metric fewer attributes`;
    if (before !== undefined && point.time <= before.time) return null;
    const isKnown = last === undefined && this.#resources.has(key.resource);
    const wrong = this.#gain(before, point, reading, isKnown, windowMs, batch);
    if (wrong !== null) return wrong;
    this.#streams.set(id, { start: point.start, time: point.time, reading });
    this.#resources.set(key.resource, point.time);
    batch.time = Math.max(batch.time, point.time);
    return null;
  }

  /** A batch is whole: what it covers is covered. */
  cover(batch: Batch): void {
    this.#covered = Math.max(this.#covered, batch.time);
  }

  #gain(
    before: Stream | undefined,
    { start, time }: OtlpPoint,
    reading: Reading,
    isKnown: boolean,
    windowMs: DurationMs,
    batch: Batch,
  ): string | null {
    if (reading.kind === 'value') {
      batch.values.push(reading.value);
      this.#extend(batch, Math.max(before?.time ?? time - windowMs, time - LONGEST_MS), time);
      return null;
    }
    if (reading.since === 'before') {
      const from = start ?? before?.time ?? null;
      if (from === null || time - from > LONGEST_MS) return null;
      if (before !== undefined && from < before.time - SLACK_MS) return TWO_SENDERS;
      join(batch, reading);
      this.#extend(batch, from, time);
      return null;
    }
    const began = before === undefined || (start !== null && start !== before.start);
    if (!began) {
      const gained = gainedOf(before.reading, reading);
      if (gained === null && start !== null) return 'a sum that only rises and has fallen, without a new start';
      join(batch, gained ?? reading);
      this.#extend(batch, before.time, time);
      return null;
    }
    if (before !== undefined && start !== null && start < before.time - SLACK_MS) return TWO_SENDERS;
    // All of it is new when it began a moment ago, or when its sender is known and these attributes are not.
    const from = before?.time ?? (isKnown ? this.#covered : null);
    const since = start === null ? from : Math.max(start, from ?? start);
    if (since === null || time - since > LONGEST_MS) return null;
    join(batch, reading);
    this.#extend(batch, since, time);
    return null;
  }

  /** What earlier requests have covered is not covered again. */
  #extend(batch: Batch, from: Instant, time: Instant): void {
    const fresh = time - Math.max(from, this.#covered);
    batch.minutes = Math.max(batch.minutes, Math.max(0, fresh) / MINUTE_MS);
  }

  #makeRoom(now: Instant): boolean {
    for (const [id, { time }] of this.#streams) if (now - time > KEPT_MS) this.#streams.delete(id);
    for (const [resource, time] of this.#resources) if (now - time > KEPT_MS) this.#resources.delete(resource);
    return this.#streams.size < MOST_STREAMS;
  }
}

const TWO_SENDERS = 'what overlaps with what it sent before: give each process a name of its own';

/** `null`: it has lost something. */
function gainedOf(before: Reading, now: Reading): Reading | null {
  if (before.kind === 'count' && now.kind === 'count')
    return now.value < before.value ? null : { ...now, value: now.value - before.value };
  if (before.kind !== 'sketch' || now.kind !== 'sketch') return null;
  const gained = sketchSince(before.value, now.value);
  return gained === null ? null : { ...now, value: gained };
}

function join(batch: Batch, reading: Reading): void {
  if (reading.kind === 'count') batch.count = (batch.count ?? 0) + reading.value;
  if (reading.kind !== 'sketch') return;
  batch.sketch = batch.sketch === null ? reading.value : sumOfSketches(batch.sketch, reading.value);
}

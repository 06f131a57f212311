import { type DurationMs, formatDuration, type Instant } from '../kernel/instant.ts';

/** How many targets of the present stage may be under way at once, and what was known when that was decided (law 12). */
export interface Pace {
  readonly concurrency: number;
  /** Why it is what it is. */
  readonly says: string;
  readonly at: Instant;
  /** When it was last made slower; `null`: never in this stage. */
  readonly slowedAt: Instant | null;
  /** What the stage had come to at that time. */
  readonly confirmed: number;
  readonly failed: number;
  readonly slow: number;
  /** What an apply usually takes in this rollout, from the order to its confirmation; `null`: not known yet. */
  readonly usualMs: DurationMs | null;
}

/** The pace as it is recorded; when, the record itself says. */
export type PaceChange = Omit<Pace, 'at' | 'slowedAt'> & { readonly slower: boolean };

/** What has come of the targets so far: trouble that is known is not met again. */
export type Seen = Pick<Pace, 'confirmed' | 'failed' | 'slow'>;

/** Nothing was ordered yet. */
export const NOTHING_SEEN: Seen = { confirmed: 0, failed: 0, slow: 0 };

/** What a pace is adapted by: counts of the present stage, and how long applies took. */
export interface PaceSigns {
  readonly confirmed: number;
  readonly failed: number;
  /** Under way beyond their deadline. */
  readonly slow: number;
  /** How long the last confirmed applies took, the newest last. */
  readonly latenciesMs: readonly DurationMs[];
  /** How long those that are under way have been. */
  readonly agesMs: readonly DurationMs[];
}

/** So many times the usual is slow. */
export const SLOW_FACTOR = 3;
/** What takes no longer than this is never slow: at such spans one measures one's own looking. */
export const NEVER_SLOW_MS = 2_000;
/** The usual follows what is measured by so much at each round. */
const USUAL_FOLLOWS = 0.25;
/** The last so many applies are looked at; fewer where fewer go at once. */
export const MOST_LATENCIES = 256;
const LEAST_LATENCIES = 3;

/**
 * Additive increase, multiplicative decrease: a round of targets confirmed without trouble lets `start` more go at once, up to
 * `most`; trouble halves what may. Trouble is a failure, a target that is under way beyond its deadline, or a median latency above
 * {@link SLOW_FACTOR} times the usual. One trouble halves once: what was ordered before the pace was halved says nothing about the
 * pace since. `null`: the pace stays.
 */
export function adaptPace(
  pace: Pace,
  { start, most }: { readonly start: number; readonly most: number },
  signs: PaceSigns,
  now: Instant,
): PaceChange | null {
  const { confirmed, failed, slow } = signs;
  const known = { confirmed, failed, slow };
  const medianMs = roundMedian(pace, signs, now);
  const trouble = troubleOf(pace, signs, medianMs);
  if (trouble !== null) {
    const settledMs = pace.usualMs ?? 0;
    if (pace.slowedAt !== null && now - pace.slowedAt < Math.max(NEVER_SLOW_MS, settledMs)) return null;
    const concurrency = Math.max(1, Math.floor(pace.concurrency / 2));
    const says = `${concurrency === pace.concurrency ? 'as few as may be' : `halved from ${pace.concurrency}`}: ${trouble}`;
    // At the floor, only a new trouble is news.
    if (concurrency === pace.concurrency && failed <= pace.failed && slow <= pace.slow) return null;
    return { concurrency, says, usualMs: pace.usualMs, slower: true, ...known };
  }
  if (confirmed - pace.confirmed < pace.concurrency) return null;
  const usualMs = follow(pace.usualMs, medianMs);
  const concurrency = Math.min(most, pace.concurrency + start);
  if (concurrency === pace.concurrency && pace.usualMs !== null) return null;
  const took = medianMs === null ? '' : `, in ${formatDuration(medianMs)} each`;
  const says = `${confirmed - pace.confirmed} confirmed without trouble${took}`;
  return { concurrency, says, usualMs, slower: false, ...known };
}

/**
 * The pace that a stage begins with. One that was slowed down below where it began takes that along: the path is the same. What an
 * apply usually takes holds for the whole rollout.
 */
export function startPace(
  start: number,
  before: { readonly pace: Pace; readonly start: number } | null,
  seen: Seen = NOTHING_SEEN,
): PaceChange {
  if (before === null)
    return { concurrency: start, says: 'the pipeline starts with it', usualMs: null, ...seen, slower: false };
  const { concurrency, usualMs } = before.pace;
  const slowed = concurrency < before.start && concurrency < start;
  const says = slowed ? 'the stage before was slowed down to it' : 'the pipeline starts the stage with it';
  return { concurrency: slowed ? concurrency : start, says, usualMs, ...seen, slower: false };
}

function troubleOf(pace: Pace, { failed, slow }: PaceSigns, medianMs: DurationMs | null): string | null {
  if (failed > pace.failed) return `${count(failed - pace.failed, 'target')} failed`;
  if (slow > pace.slow) return `${count(slow, 'target')} under way beyond the deadline`;
  if (medianMs === null || pace.usualMs === null) return null;
  if (medianMs <= Math.max(NEVER_SLOW_MS, SLOW_FACTOR * pace.usualMs)) return null;
  return `an apply takes ${formatDuration(medianMs)} or more, usual are ${formatDuration(pace.usualMs)}`;
}

/**
 * The median of the last round, `null` when too little is known. Who is still under way counts with the time so far, where that is
 * longer than usual: it will be more in the end, so the median is never said to be more than it is.
 */
function roundMedian(pace: Pace, { latenciesMs, agesMs }: PaceSigns, now: Instant): DurationMs | null {
  const round = latenciesMs.slice(-Math.max(LEAST_LATENCIES, Math.min(MOST_LATENCIES, pace.concurrency)));
  // Ordered before the pace was halved: that it is slow is known.
  const since = pace.slowedAt === null ? Number.POSITIVE_INFINITY : now - pace.slowedAt;
  const late = agesMs.filter((age) => age > (pace.usualMs ?? Number.POSITIVE_INFINITY) && age < since);
  const all = [...round, ...late].sort((a, b) => a - b);
  return all.length < LEAST_LATENCIES ? null : (all[(all.length - 1) >> 1] ?? null);
}

function follow(usualMs: DurationMs | null, medianMs: DurationMs | null): DurationMs | null {
  if (medianMs === null) return usualMs;
  if (usualMs === null) return medianMs;
  return Math.round(usualMs + USUAL_FOLLOWS * (medianMs - usualMs));
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

import type { MetricFault } from '../../core/analysis/metricFault.ts';
import { type DurationMs, formatDuration, type Instant } from '../../core/kernel/instant.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { MetricSpec } from '../../core/topology/metric.ts';
import { askServer, placeOf } from './askServer.ts';
import { GrowthMeter } from './growthMeter.ts';
import { type Asking, type Heard, type MetricQuestion, skewOf, timeLeft } from './metricQuestion.ts';
import { type PromSample, type PromVector, readVector } from './promAnswer.ts';
import { selectorsIn } from './promSelectors.ts';
import { Strangers } from './targetNames.ts';

type QuerySpec = Extract<MetricSpec, { readonly query: string }>;

const MOST_BYTES = 8 * 1024 * 1024;
const MINUTE_MS = 60_000;
/** Targets of which nothing has come for so long are forgotten. */
const KEPT_MS = 60 * MINUTE_MS;

/**
 * A PromQL query, evaluated by the server at its own present. Beside it, the server is asked how old the samples are that went into
 * it: for minutes after scraping has ended it goes on answering with the last ones it has, as if they were of now.
 */
export class PrometheusQuestion implements MetricQuestion {
  readonly #spec: QuerySpec;
  /** PromQL for the time of the oldest sample of each target; `null` where the query has no selector to ask about. */
  readonly #ages: string | null;
  readonly #growth = new GrowthMeter();
  /** When the samples were taken that a target's last figure was made of. */
  readonly #taken = new Map<string, Instant>();
  #evaluatedAt: Instant | null = null;

  constructor(spec: QuerySpec) {
    this.#spec = spec;
    // Of several names at once it cannot be asked: without their names, their series may be the same.
    const selectors = selectorsIn(spec.query).filter((selector) => !selector.includes('__name__'));
    this.#ages =
      selectors.length === 0
        ? null
        : `min by (${spec.target}) (${selectors.map((selector) => `timestamp(${selector})`).join(' or ')})`;
  }

  async ask(asking: Asking): Promise<Result<Heard, MetricFault>> {
    const found = await this.#query(asking, this.#spec.query, null);
    if (!found.ok) return found;
    const { samples, evaluatedAt } = found.value;
    if (evaluatedAt === null)
      return ok({ figures: new Map(), targets: 0, strangers: new Strangers(), note: 'there are no series' });
    const before = this.#evaluatedAt;
    this.#evaluatedAt = evaluatedAt;
    if (before !== null && evaluatedAt < before) {
      const says = `the clock of ${whereOf(asking)} has gone back by ${formatDuration(before - evaluatedAt)}: set it by NTP`;
      return err({ code: 'clock-skew', says });
    }
    const ages = this.#ages === null ? null : await this.#query(asking, this.#ages, evaluatedAt);
    if (ages !== null && !ages.ok) return ages;
    return this.#judge(asking, samples, evaluatedAt, timesOf(ages?.value ?? null, asking, evaluatedAt));
  }

  async #query(asking: Asking, query: string, at: Instant | null): Promise<Result<PromVector, MetricFault>> {
    const { clock, address, secret, signal } = asking;
    const timeoutMs = timeLeft(asking);
    const form = new URLSearchParams({ query, timeout: `${timeoutMs}ms` });
    if (at !== null) form.set('time', (at / 1000).toFixed(3));
    const url = new URL(`${address.url.replace(/\/+$/, '')}/api/v1/query`);
    const question = { who: 'Prometheus', url, form, secret, timeoutMs, maxBytes: MOST_BYTES, signal };
    const answer = await askServer(clock, question);
    if (!answer.ok) return answer;
    const read = readVector(answer.value, this.#spec.target, whereOf(asking), secret);
    if (!read.ok || at !== null) return read;
    const { askedAt, answeredAt, date } = answer.value;
    const { evaluatedAt } = read.value;
    // Its `Date` is in whole seconds.
    const skew =
      evaluatedAt !== null
        ? skewOf(evaluatedAt, askedAt, answeredAt, whereOf(asking))
        : date !== null
          ? skewOf(date, askedAt, answeredAt, whereOf(asking), 1000)
          : null;
    return skew === null ? read : err(skew);
  }

  #judge(
    asking: Asking,
    samples: readonly PromSample[],
    evaluatedAt: Instant,
    timeOf: (uid: string) => Instant,
  ): Result<Heard, MetricFault> {
    const refuse = (says: string) => err<MetricFault>({ code: 'source-error', says: `${whereOf(asking)} ${says}` });
    const strangers = new Strangers();
    const byUid = new Map<string, PromSample[]>();
    for (const sample of samples) {
      const uid = asking.uidNamed(sample.target);
      if (uid === undefined) strangers.add(sample.target);
      else if (!byUid.has(uid)) byUid.set(uid, [sample]);
      else byUid.get(uid)?.push(sample);
    }
    if (byUid.size === 0) {
      const { target } = this.#spec;
      const todo = `give the metric the label that holds a target's name, uid or NAME:PORT as its "target"`;
      return refuse(
        `answers with series whose label ${target} names no target of the service (${strangers.says}): ${todo}`,
      );
    }
    const figures = new Map<string, { figures: readonly number[]; minutes: number; ageMs: DurationMs }>();
    let old = 0;
    let newest = Number.NEGATIVE_INFINITY;
    for (const [uid, found] of byUid) {
      const at = timeOf(uid);
      newest = Math.max(newest, at);
      if (evaluatedAt - at > asking.freshMs) {
        old++;
        continue;
      }
      const read =
        this.#spec.as === 'counter' ? this.#count(asking, uid, at, found) : this.#value(asking, uid, at, found);
      if (typeof read === 'string') return refuse(read);
      if (read !== null) figures.set(uid, { ...read, ageMs: evaluatedAt - at });
    }
    if (old === byUid.size) {
      const age = Number.isFinite(newest) ? `${formatDuration(evaluatedAt - newest)} old` : 'no longer there';
      const todo = 'see that it scrapes, more often than that, or give the pipeline a longer window';
      const says = `${whereOf(asking)} answers with samples that are ${age}, and what is older than ${formatDuration(asking.freshMs)} is not the present: ${todo}`;
      return err({ code: 'source-slow', says });
    }
    const note = old === 0 ? '' : `the samples of ${old} of ${byUid.size} targets are too old to be taken`;
    this.#growth.forgetBefore(evaluatedAt - KEPT_MS);
    for (const [uid, at] of this.#taken) if (at < evaluatedAt - KEPT_MS) this.#taken.delete(uid);
    return ok({ figures, targets: byUid.size - old, strangers, note });
  }

  /** `null`: nothing new; a text: what is wrong. */
  #value({ windowMs, freshMs }: Asking, uid: string, at: Instant, found: readonly PromSample[]) {
    const [sample, another] = found;
    if (sample === undefined) return null;
    if (another !== undefined)
      return `answers with ${found.length} series for the target ${sample.target}: aggregate, as with avg by (${this.#spec.target}) (…), or say as: counter`;
    // What a query makes of nothing, as 0 by 0, is not known.
    if (Number.isNaN(sample.value)) return null;
    if (!Number.isFinite(sample.value))
      return `answers with ${sample.value} for the target ${sample.target}: see what the query divides by`;
    const before = this.#taken.get(uid);
    if (before !== undefined && at <= before) return null;
    this.#taken.set(uid, at);
    const passed = before === undefined ? windowMs : Math.min(at - before, freshMs);
    return { figures: [sample.value], minutes: passed / MINUTE_MS };
  }

  #count({ freshMs }: Asking, uid: string, at: Instant, found: readonly PromSample[]) {
    const series = new Map<string, number>();
    for (const { key, target, value } of found) {
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
        return `answers with ${value} for the target ${target}, which no counter can be: leave out as: counter, or ask for the counter itself`;
      // Of series that differ in their names alone.
      series.set(key, (series.get(key) ?? 0) + value);
    }
    // What covers more began too long ago to be put down to what is in force now.
    const grown = this.#growth.grow(uid, at, series, freshMs);
    return grown === null ? null : { figures: [grown.count], minutes: grown.minutes };
  }
}

function whereOf({ address }: Asking): string {
  return `Prometheus at ${placeOf(new URL(address.url))}`;
}

/**
 * When the samples of each target were taken. Where the selectors do not carry the label, it is the same for all of them. A target
 * whose samples are gone while the query still answers for it has none that are of the present.
 */
function timesOf(ages: PromVector | null, { uidNamed }: Asking, evaluatedAt: Instant): (uid: string) => Instant {
  if (ages === null) return () => evaluatedAt;
  const byUid = new Map<string, Instant>();
  let newest = Number.NEGATIVE_INFINITY;
  for (const { target, value } of ages.samples) {
    const at = Math.round(value * 1000);
    newest = Math.max(newest, at);
    const uid = uidNamed(target);
    if (uid !== undefined) byUid.set(uid, Math.min(at, byUid.get(uid) ?? at));
  }
  return (uid) => (byUid.size === 0 ? newest : (byUid.get(uid) ?? Number.NEGATIVE_INFINITY));
}

import type { MetricFault } from '../../core/analysis/metricFault.ts';
import type { Instant } from '../../core/kernel/instant.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { quoted, type ServerAnswer } from './askServer.ts';

export interface PromSample {
  /** All labels but the name, always in the same order. */
  readonly key: string;
  /** Of the label that was asked for; empty: it is not there. */
  readonly target: string;
  readonly value: number;
}

/** An instant vector. */
export interface PromVector {
  readonly samples: readonly PromSample[];
  /** When the server evaluated it, by its own clock; `null`: it says so with samples alone, and there are none. */
  readonly evaluatedAt: Instant | null;
}

/** More series than there are targets in any fleet. */
const MOST_SERIES = 50_000;

/** What takes the place of a vector, and why it will not do. */
const OTHER_TYPES: Readonly<Record<string, string>> = {
  scalar: 'one number for all, and not one for each target: a query such as shop_load gives series',
  matrix: 'ranges of samples: wrap it in a function such as rate(…), or leave the [range] out',
  string: 'a text',
};

/**
 * Reads an answer of Prometheus's HTTP API to an instant query. Whatever it is that answered: what is not such an answer, whole and
 * without a warning, is a fault with a sentence. `where`: who answers, for sentences.
 */
export function readVector(
  answer: ServerAnswer,
  label: string,
  where: string,
  secret: string | null,
): Result<PromVector, MetricFault> {
  const refuse = (says: string) => err<MetricFault>({ code: 'source-error', says: `${where} ${says}` });
  const body = jsonOf(answer.text);
  if (body === undefined) {
    const what = `with status ${answer.status} and what is not JSON (${answer.type || 'of no type'})`;
    return refuse(`answers ${what}: see that the URL is that of Prometheus itself`);
  }
  if (body.status === 'error') {
    const { errorType, error } = body;
    const what = `${quoted(String(errorType), secret)}: ${quoted(String(error), secret)}`;
    return refuse(`answers with an error (${what}): try the query there`);
  }
  const data = asRecord(body.data);
  if (answer.status !== 200 || body.status !== 'success' || data === undefined)
    return refuse(
      `answers with status ${answer.status} and JSON that is no answer to a query: see that the URL is that of Prometheus itself`,
    );
  if (Array.isArray(body.warnings) && body.warnings.length > 0)
    return refuse(
      `warns that its answer may not be the whole one (${quoted(body.warnings.join('; '), secret)}): it is not taken`,
    );
  const { resultType, result } = data;
  if (resultType !== 'vector' || !Array.isArray(result)) {
    const type = typeof resultType === 'string' ? resultType : 'nothing';
    return refuse(
      `answers the query with ${OTHER_TYPES[type] ?? `something else than series (${quoted(type, secret)})`}`,
    );
  }
  if (result.length > MOST_SERIES)
    return refuse(
      `answers the query with ${result.length} series, and at most ${MOST_SERIES} are read: ask for one a target`,
    );

  const samples: PromSample[] = [];
  let evaluatedAt: Instant | null = null;
  for (const each of result as readonly unknown[]) {
    const { metric, value } = asRecord(each) ?? {};
    const labels = asRecord(metric);
    if (labels !== undefined && asRecord(each)?.histogram !== undefined)
      return refuse('answers the query with histograms: ask for a number of them, as with histogram_quantile(…)');
    const [seconds, text] = Array.isArray(value) ? (value as readonly unknown[]) : [];
    const number = numberOf(text);
    if (labels === undefined || typeof seconds !== 'number' || number === null)
      return refuse('answers the query with a series that cannot be read: see that it is Prometheus that answers');
    const at = Math.round(seconds * 1000);
    if (evaluatedAt !== null && at !== evaluatedAt)
      return refuse('answers the query with series of different times: see that it is Prometheus that answers');
    evaluatedAt = at;
    const target = labels[label];
    samples.push({ key: keyOf(labels), target: typeof target === 'string' ? target : '', value: number });
  }
  return ok({ samples, evaluatedAt });
}

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

function numberOf(text: unknown): number | null {
  if (typeof text !== 'string' || text.length > 400) return null;
  if (NUMBER.test(text)) return Number(text);
  if (text === 'NaN') return Number.NaN;
  const infinite = /^([-+]?)Inf$/.exec(text);
  return infinite === null ? null : infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function keyOf(labels: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(labels).filter(([name]) => name !== '__name__');
  return JSON.stringify(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function jsonOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asRecord(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

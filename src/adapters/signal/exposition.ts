import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { Histogram } from '../../wire/prometheus/generated/metrics_pb.ts';

/** What a service shows of itself to Prometheus. */
export interface Exposition {
  /** Metric family → `counter`, `gauge`, `histogram`, `summary`, `untyped` … as its TYPE line says. */
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
  /** Histograms with native buckets; their classic ones, if they have some too, stand among the samples. */
  readonly natives: readonly NativeSample[];
}

export interface Sample {
  readonly name: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
}

export interface NativeSample extends Pick<Sample, 'name' | 'labels'> {
  readonly histogram: Histogram;
}

/**
 * Reads the text format 0.0.4, and what OpenMetrics adds to it, as far as it is needed here: timestamps and exemplars are passed
 * over. A line that cannot be read refuses the whole, with its number: half a reading would be a wrong one. Takes time in
 * proportion to the text, whatever it is.
 */
export function parseExposition(text: string): Result<Exposition, string> {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  let number = 0;
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const line = text.slice(start, end).trim();
    start = end + 1;
    number++;
    if (line === '') continue;
    if (line.startsWith('#')) {
      const [, family, type] = /^#[ \t]+TYPE[ \t]+(\S+)[ \t]+(\S+)$/.exec(line) ?? [];
      if (family !== undefined && type !== undefined) types.set(family, type);
      continue;
    }
    const sample = parseSample(line);
    if (!sample.ok) return err(`line ${number}: ${sample.error}`);
    samples.push(sample.value);
  }
  return ok({ types, samples, natives: [] });
}

/** `name{label="value"} 12.5 1700000000000` */
function parseSample(line: string): Result<Sample, string> {
  const name = NAME.exec(line)?.[0];
  if (name === undefined) return err('expected the name of a metric');
  const labels: [string, string][] = [];
  let at = skipSpace(line, name.length);
  if (line[at] === '{') {
    const end = parseLabels(line, at + 1, labels);
    if (!end.ok) return end;
    at = end.value;
  }
  const [written = '', timestamp, hash] = line.slice(at).trim().split(SPACE);
  const value = parseValue(written);
  if (value === null) return err(`expected a number, found ${JSON.stringify(written.slice(0, 40))}`);
  const exemplar = timestamp === '#' || hash === '#';
  if (timestamp !== undefined && !exemplar && !TIMESTAMP.test(timestamp))
    return err(`expected a timestamp, found ${JSON.stringify(timestamp.slice(0, 40))}`);
  if (hash !== undefined && !exemplar) return err('expected nothing after the timestamp');
  return ok({ name, labels, value });
}

/** From after the opening brace to after the closing one. */
function parseLabels(line: string, from: number, labels: [string, string][]): Result<number, string> {
  let at = skipSpace(line, from);
  while (line[at] !== '}') {
    LABEL.lastIndex = at;
    const name = LABEL.exec(line)?.[0];
    if (name === undefined) return err('expected the name of a label or "}"');
    at = skipSpace(line, at + name.length);
    if (line[at] !== '=') return err(`expected "=" after the label ${name}`);
    at = skipSpace(line, at + 1);
    if (line[at] !== '"') return err(`expected the value of the label ${name} in quotes`);
    const close = closingQuote(line, at);
    if (close === -1) return err(`the value of the label ${name} does not end`);
    labels.push([name, unescaped(line.slice(at + 1, close))]);
    at = skipSpace(line, close + 1);
    if (line[at] === ',') at = skipSpace(line, at + 1);
    else if (line[at] !== '}') return err(`expected "," or "}" after the label ${name}`);
  }
  return ok(at + 1);
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y;
/** Go prints at most some 25 characters of a float in exponent form, and some 310 without. */
const MAX_NUMBER_LENGTH = 400;
const SPACE = /[ \t]+/;
const TIMESTAMP = /^-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/;
const NUMBER = /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;

/** An expression would do, but not for a value of millions of characters. -1: there is none. */
function closingQuote(line: string, opening: number): number {
  for (let at = opening + 1; at < line.length; at++) {
    if (line[at] === '"') return at;
    if (line[at] === '\\') at++;
  }
  return -1;
}

function skipSpace(line: string, from: number): number {
  let at = from;
  while (line[at] === ' ' || line[at] === '\t') at++;
  return at;
}

/** A backslash before anything else than these stands for itself, as in Prometheus. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(\\|"|n)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
}

/** `null`: that is no number. */
export function parseValue(text: string): number | null {
  // No number needs more, and what the expression below tries grows with the square of the length.
  if (text.length > MAX_NUMBER_LENGTH) return null;
  if (NUMBER.test(text)) return Number(text);
  const special = /^([-+]?)(inf|infinity|nan)$/i.exec(text);
  if (special === null) return null;
  if (special[2]?.toLowerCase() === 'nan') return Number.NaN;
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

import type { SeriesFigure } from '../../core/analysis/judgeSeries.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';

/** What is wrong with a recorded series, and where. */
export interface SeriesFault {
  readonly line: number;
  readonly says: string;
  readonly remedy: string;
}

const ARMS: Readonly<Record<string, boolean>> = { treated: true, untouched: false };
const MOST_ROWS = 5_000_000;

/**
 * Reads a recorded series, CSV with a heading or JSON lines. Columns: `time` (ISO 8601 with a zone, or seconds or milliseconds since
 * 1970), `arm` (`treated` or `untouched`), `target`, `metric`, and `value` or `numerator` with `denominator`; the latter give two
 * figures, METRIC and METRIC.total. Rows need no order. The first mistake ends it.
 */
export function parseSeries(text: string): Result<readonly SeriesFigure[], SeriesFault> {
  const lines = text.split(/\r?\n/);
  const first = lines.findIndex((line) => line.trim() !== '');
  if (first === -1) return fault(1, 'there is nothing in it', 'give a heading and rows, or JSON lines');
  const json = lines[first]?.trimStart().startsWith('{') ?? false;
  const columns = json ? null : headingOf(lines[first] ?? '', first + 1);
  if (columns !== null && !columns.ok) return columns;
  const rows: SeriesFigure[] = [];
  for (let index = json ? first : first + 1; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (line.trim() === '') continue;
    const fields = columns === null ? jsonFields(line) : csvFields(line, columns.value);
    if (fields === null)
      return fault(index + 1, json ? 'it is not a JSON object' : 'a quotation mark is not closed', 'mend that line');
    const found = rowsOf(fields, index + 1);
    if (!found.ok) return found;
    rows.push(...found.value);
    if (rows.length > MOST_ROWS) return fault(index + 1, `there are more than ${MOST_ROWS} rows`, 'judge a part of it');
  }
  return ok(rows);
}

type Fields = ReadonlyMap<string, string | number>;

const NEEDED = ['time', 'arm', 'target', 'metric'] as const;

function headingOf(line: string, number: number): Result<readonly string[], SeriesFault> {
  const columns = splitCsv(line)?.map((column) => column.trim().toLowerCase());
  const missing = NEEDED.filter((name) => !columns?.includes(name));
  if (columns === undefined || missing.length > 0)
    return fault(
      number,
      `the heading lacks ${missing.join(', ')}`,
      'a CSV begins with: time,arm,target,metric,value (or numerator,denominator in place of value)',
    );
  return ok(columns);
}

function csvFields(line: string, columns: readonly string[]): Fields | null {
  const values = splitCsv(line);
  if (values === null) return null;
  return new Map(columns.map((column, index) => [column, values[index]?.trim() ?? '']));
}

/** RFC 4180, within one line. `null` for a quotation mark that is not closed. */
function splitCsv(line: string): string[] | null {
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*(?:,|$)/.exec(rest);
    if (quoted === null && rest.trimStart().startsWith('"')) return null;
    const plain = quoted ?? /^([^,]*)(?:,|$)/.exec(rest);
    if (plain === null) return null;
    fields.push(quoted === null ? (plain[1] ?? '') : (plain[1] ?? '').replaceAll('""', '"'));
    if (!plain[0].endsWith(',')) return fields;
    rest = rest.slice(plain[0].length);
  }
}

function jsonFields(line: string): Fields | null {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return null;
  const fields = Object.entries(read).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  return new Map(fields as [string, string | number][]);
}

function rowsOf(fields: Fields, line: number): Result<readonly SeriesFigure[], SeriesFault> {
  const at = timeOf(fields.get('time'));
  if (at === null)
    return fault(
      line,
      `"${fields.get('time') ?? ''}" is not a time`,
      'write 2026-03-01T12:00:00Z, with a zone, or seconds since 1970',
    );
  const treated = ARMS[String(fields.get('arm') ?? '').toLowerCase()];
  if (treated === undefined)
    return fault(line, `"${fields.get('arm') ?? ''}" is not an arm`, 'write treated or untouched');
  const [target, metric] = [String(fields.get('target') ?? ''), String(fields.get('metric') ?? '')];
  if (target === '' || metric === '') return fault(line, 'the target or the metric is empty', 'name both');
  const row = (name: string, value: number): SeriesFigure => ({ at, treated, target, metric: name, value });
  const value = numberOf(fields.get('value'));
  if (value !== null) return ok([row(metric, value)]);
  const [numerator, denominator] = [numberOf(fields.get('numerator')), numberOf(fields.get('denominator'))];
  if (numerator !== null && denominator !== null)
    return ok([row(metric, numerator), row(`${metric}.total`, denominator)]);
  return fault(
    line,
    `metric "${metric}" of "${target}" has no figure`,
    'give a value, or a numerator and a denominator',
  );
}

/** Seconds and milliseconds are told apart by their size: the year 5138 is far enough. */
function timeOf(field: string | number | undefined): number | null {
  const number = numberOf(field);
  if (number !== null) return number < 1e11 ? number * 1000 : number;
  if (typeof field !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)$/i.test(field)) return null;
  const at = Date.parse(field);
  return Number.isNaN(at) ? null : at;
}

function numberOf(field: string | number | undefined): number | null {
  if (field === undefined || (typeof field === 'string' && field.trim() === '')) return null;
  const number = Number(field);
  return Number.isFinite(number) ? number : null;
}

function fault(line: number, says: string, remedy: string): Result<never, SeriesFault> {
  return err({ line, says, remedy });
}

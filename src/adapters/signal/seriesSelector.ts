import { err, ok, type Result } from '../../core/kernel/result.ts';
import { linearRegex } from './linearRegex.ts';

/** A counter and which of its series count: `shop_requests_total{code=~"5..",path!="/health"}`. */
export interface SeriesSelector {
  readonly name: string;
  readonly matchers: readonly LabelMatcher[];
}

export interface LabelMatcher {
  readonly label: string;
  /** A series without the label is judged as if its value were empty. */
  matches(value: string): boolean;
}

const MAX_LENGTH = 2048;
const MAX_MATCHERS = 20;

/**
 * Reads a selector as PromQL writes it: `=`, `!=`, `=~`, `!~`, values in double, single or back quotes, regular expressions
 * that have to match the whole value. The error says what was expected, and where.
 */
export function parseSeriesSelector(text: string): Result<SeriesSelector, string> {
  if (text.length > MAX_LENGTH)
    return err(`the selector has ${text.length} characters; at most ${MAX_LENGTH} are read`);
  const matchers: LabelMatcher[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    SPACE.lastIndex = at;
    at += SPACE.exec(text)?.[0].length ?? 0;
    return found;
  };
  const refuse = (expected: string) => err(`expected ${expected} at character ${at + 1} of ${text}`);

  take(/(?:)/y);
  const name = take(/[a-zA-Z_:][a-zA-Z0-9_:]*/y);
  if (name === undefined) return refuse('the name of a metric');
  if (take(/\{/y) !== undefined) {
    while (take(/\}/y) === undefined) {
      const label = take(/[a-zA-Z_][a-zA-Z0-9_]*/y);
      if (label === undefined) return refuse('the name of a label or "}"');
      const operator = take(/=~|!~|!=|=/y);
      if (operator === undefined) return refuse('=, !=, =~ or !~');
      const quoted = take(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/y);
      if (quoted === undefined) return refuse('a value in quotes');
      const value = unquote(quoted);
      if (value === null) return refuse('before this: a value with the escapes \\\\ \\" \\\' \\n \\r \\t only');
      const matcher = matcherOf(label, operator, value);
      if (!matcher.ok) return matcher;
      if (matchers.push(matcher.value) > MAX_MATCHERS) return refuse(`at most ${MAX_MATCHERS} matchers`);
      const more = take(/,/y) !== undefined;
      if (!more && text[at] !== '}') return refuse('"," or "}"');
    }
  }
  return at === text.length ? ok({ name, matchers }) : refuse('nothing more');
}

const SPACE = /[ \t\n]*/y;

function matcherOf(label: string, operator: string, value: string): Result<LabelMatcher, string> {
  if (operator === '=') return ok({ label, matches: (found) => found === value });
  if (operator === '!=') return ok({ label, matches: (found) => found !== value });
  const regex = linearRegex(value);
  if (!regex.ok) return err(`the label ${label}: ${regex.error}`);
  const wanted = operator === '=~';
  return ok({ label, matches: (found) => regex.value.matches(found) === wanted });
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', '"': '"', "'": "'", n: '\n', r: '\r', t: '\t' };

/** `null` for an escape that is not known. */
function unquote(quoted: string): string | null {
  const inner = quoted.slice(1, -1);
  if (quoted.startsWith('`') || !inner.includes('\\')) return inner;
  let known = true;
  const text = inner.replace(/\\(.)/gs, (_, escaped: string) => {
    const meant = ESCAPES[escaped];
    known &&= meant !== undefined;
    return meant ?? '';
  });
  return known ? text : null;
}

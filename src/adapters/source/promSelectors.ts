/** One piece of a PromQL text. Comments and space are none. */
const TOKEN =
  /\s+|#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|[A-Za-z_:][A-Za-z0-9_:]*|[0-9][0-9A-Za-z_.]*|=~|!~|!=|==|<=|>=|./gsu;
const NAME = /^[A-Za-z_:]/;

/** Words of the language that may stand where a name could. `on` and the like have labels after them, in parentheses. */
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'start', 'end', 'inf', 'nan', 'atan2']);
const BEFORE_LABELS = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);

/**
 * The selectors in a PromQL query, without their ranges: `rate(a{b="c"}[5m]) / d` has `a{b="c"}` and `d`. Those with an `offset` or
 * `@` are left out: they are meant to look into the past. It need not be a query: nothing is promised of other texts.
 */
export function selectorsIn(query: string): readonly string[] {
  const tokens = [...query.matchAll(TOKEN)].map(([token]) => token).filter((token) => !/^(?:\s|#)/.test(token));
  const found = new Set<string>();
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    const word = token.toLowerCase();
    if (token === '[') at = closing(tokens, at, '[', ']');
    else if (BEFORE_LABELS.has(word) && tokens[at + 1] === '(') at = closing(tokens, at + 1, '(', ')');
    else if (token === '{' || (NAME.test(token) && isSelector(tokens, at, word))) {
      const braces = token === '{' ? at : tokens[at + 1] === '{' ? at + 1 : -1;
      const end = braces === -1 ? at : closing(tokens, braces, '{', '}');
      const after = tokens[end + 1] === '[' ? closing(tokens, end + 1, '[', ']') + 1 : end + 1;
      const moved = tokens[after]?.toLowerCase();
      if (moved !== 'offset' && moved !== '@') found.add(tokens.slice(at, end + 1).join(''));
      at = end;
    }
  }
  return [...found];
}

/** A name is a function's or an aggregation's before a parenthesis or before its labels. */
function isSelector(tokens: readonly string[], at: number, word: string): boolean {
  const next = tokens[at + 1] ?? '';
  if (next === '(' || WORDS.has(word) || BEFORE_LABELS.has(word)) return false;
  return !(['by', 'without'].includes(next.toLowerCase()) && tokens[at + 2] === '(');
}

function closing(tokens: readonly string[], from: number, open: string, close: string): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    if (tokens[at] === open) depth++;
    else if (tokens[at] === close && --depth === 0) return at;
  }
  return tokens.length;
}

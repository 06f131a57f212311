const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const QUOTED = /'(?:[^'\\\n]|\\[\s\S])*'?|"(?:[^"\\\n]|\\[\s\S])*"?/y;
const TEMPLATE_TEXT = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y;
const PATTERN = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const WORD_OR_SIGN = /[\w$]+|\s+|[\s\S]/y;

/** After one of these, or at the start, a slash begins a pattern; after anything else it divides. */
const BEFORE_PATTERN =
  /^(?:[(,=:[!&|?{};+\-*%<>~^]|return|typeof|case|in|of|delete|void|throw|new|else|do|await|yield|)$/;

/**
 * Takes a program's text apart: `code` has comments and the insides of strings, templates and patterns blanked; `strings` has
 * everything but the insides of strings and templates blanked. Line ends stay in both, so offsets and lines are those of the text.
 */
export function separateCode(text: string): { readonly code: string; readonly strings: string } {
  const code: string[] = [];
  const strings: string[] = [];
  /** For each template we are in an expression of: how many braces of its own that expression has open. */
  const openBraces: number[] = [];
  let at = 0;
  let previous = '';

  const next = (expression: RegExp) => {
    expression.lastIndex = at;
    return expression.exec(text)?.[0] ?? '';
  };
  const take = (piece: string, as: 'code' | 'string' | 'neither') => {
    code.push(as === 'code' ? piece : blank(piece));
    strings.push(as === 'string' ? piece : blank(piece));
    at += piece.length;
  };
  const takeTemplate = () => {
    take(next(TEMPLATE_TEXT), 'string');
    const end = text.startsWith('${', at) ? '${' : text.slice(at, at + 1);
    if (end === '${') openBraces.push(0);
    take(end, 'code');
    previous = end === '${' ? '{' : '`';
  };

  while (at < text.length) {
    const comment = next(COMMENT);
    if (comment !== '') {
      take(comment, 'neither');
      continue;
    }
    const quoted = next(QUOTED);
    if (quoted !== '') {
      const closed = quoted.length > 1 && quoted.endsWith(quoted.charAt(0));
      take(quoted.charAt(0), 'code');
      take(quoted.slice(1, closed ? -1 : undefined), 'string');
      if (closed) take(quoted.charAt(0), 'code');
      previous = quoted.charAt(0);
      continue;
    }
    const pattern = BEFORE_PATTERN.test(previous) ? next(PATTERN) : '';
    if (pattern !== '') {
      take(pattern, 'neither');
      previous = '/';
      continue;
    }
    const piece = next(WORD_OR_SIGN);
    const depth = openBraces.at(-1);
    take(piece, 'code');
    if (piece === '`') takeTemplate();
    else if (piece === '}' && depth === 0) {
      openBraces.pop();
      takeTemplate();
    } else {
      if (depth !== undefined && piece === '{') openBraces[openBraces.length - 1] = depth + 1;
      if (depth !== undefined && piece === '}') openBraces[openBraces.length - 1] = depth - 1;
      if (/\S/.test(piece)) previous = piece;
    }
  }
  return { code: code.join(''), strings: strings.join('') };
}

function blank(piece: string): string {
  return piece.replace(/[^\n]/g, ' ');
}

/** One line of an iCalendar text, unfolded: `NAME;PARAM=value:value`. */
export interface ContentLine {
  /** In the text as it is folded, from 1. */
  readonly line: number;
  /** Upper case. */
  readonly name: string;
  /** By upper-case name; several values of one parameter stay one text. */
  readonly params: ReadonlyMap<string, string>;
  readonly value: string;
}

export interface BadLine {
  readonly line: number;
  readonly text: string;
}

const PARAM = /;([A-Za-z0-9-]+)=((?:"[^"]*"|[^",;:]*)(?:,(?:"[^"]*"|[^",;:]*))*)/y;

/** Every line of the text in order; lines that are no content lines (RFC 5545, section 3.1) as {@link BadLine}. CRLF or LF. */
export function* contentLines(text: string): Generator<ContentLine | BadLine> {
  let unfolded: { line: number; parts: string[] } | null = null;
  let number = 0;
  for (const raw of text.split(/\r?\n/)) {
    number++;
    if (/^[ \t]/.test(raw) && unfolded !== null) {
      unfolded.parts.push(raw.slice(1));
      continue;
    }
    if (unfolded !== null) yield parseLine(unfolded.line, unfolded.parts.join(''));
    unfolded = raw === '' ? null : { line: number, parts: [raw] };
  }
  if (unfolded !== null) yield parseLine(unfolded.line, unfolded.parts.join(''));
}

function parseLine(line: number, text: string): ContentLine | BadLine {
  const name = /^[A-Za-z0-9-]+/.exec(text)?.[0];
  if (name === undefined) return { line, text };
  const params = new Map<string, string>();
  PARAM.lastIndex = name.length;
  let end = name.length;
  for (let found = PARAM.exec(text); found !== null; found = PARAM.exec(text)) {
    params.set((found[1] ?? '').toUpperCase(), (found[2] ?? '').replaceAll('"', ''));
    end = PARAM.lastIndex;
  }
  if (text[end] !== ':') return { line, text };
  return { line, name: name.toUpperCase(), params, value: text.slice(end + 1) };
}

/** A TEXT value (RFC 5545, section 3.3.11) as it is meant. */
export function unescapeText(value: string): string {
  return value.replaceAll(/\\([\\;,nN])/g, (_, sign: string) => (/n/i.test(sign) ? '\n' : sign));
}

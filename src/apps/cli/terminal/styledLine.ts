import { clean } from './clean.ts';
import { graphemes, graphemeWidth, textWidth } from './textWidth.ts';

/** What a piece of text means; how that looks is decided in one place. Words and glyphs say the same: colour is never the only sign. */
export type Tone = 'plain' | 'strong' | 'faint' | 'good' | 'bad' | 'warn' | 'active';

export interface Segment {
  readonly text: string;
  readonly tone: Tone;
}

/** One line for a terminal, before colours: so that its width can be counted. */
export type StyledLine = readonly Segment[];

const SGR: Readonly<Record<Tone, string>> = {
  plain: '',
  strong: '1',
  faint: '2',
  good: '32',
  bad: '31',
  warn: '33',
  active: '36',
};

/** A segment of anybody's text, cleaned of whatever a terminal would obey; spaces at its ends are kept. */
export function segment(text: string, tone: Tone = 'plain'): Segment {
  const inner = clean(text);
  if (inner === '') return { text: text.replace(/[^ ]/g, ''), tone };
  return { text: leading(text) + inner + leading([...text].reverse().join('')), tone };
}

function leading(text: string): string {
  return text.slice(0, text.length - text.replace(/^ +/, '').length);
}

export function lineWidth(line: StyledLine): number {
  return line.reduce((width, { text }) => width + textWidth(text), 0);
}

/** The line cut to at most `width` columns, `…` last where something was left out. */
export function truncateLine(line: StyledLine, width: number): StyledLine {
  if (lineWidth(line) <= width) return line;
  const kept: Segment[] = [];
  let room = width - 1;
  for (const { text, tone } of line) {
    let part = '';
    for (const grapheme of graphemes(text)) {
      const wide = graphemeWidth(grapheme);
      if (wide > room) {
        kept.push({ text: `${part}${width > 0 ? '…' : ''}`, tone });
        return kept;
      }
      part += grapheme;
      room -= wide;
    }
    kept.push({ text: part, tone });
  }
  return kept;
}

/** The bytes that draw the line. Without `colours`, its text alone. */
export function paint(line: StyledLine, colours: boolean): string {
  return line
    .map(({ text, tone }) => (colours && SGR[tone] !== '' && text !== '' ? `\x1b[${SGR[tone]}m${text}\x1b[0m` : text))
    .join('')
    .replace(/ +$/, '');
}

import { graphemes, graphemeWidth, textWidth } from './textWidth.ts';

/** The text, cut to at most `width` columns with `…` where something was left out. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width < 1) return '';
  let kept = '';
  let used = 0;
  for (const grapheme of graphemes(text)) {
    const wide = graphemeWidth(grapheme);
    if (used + wide > width - 1) break;
    kept += grapheme;
    used += wide;
  }
  return `${kept.trimEnd()}…`;
}

/** The text, filled with spaces to exactly `width` columns when it is shorter. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + fill : fill + text;
}

/** The text in lines of at most `width` columns, broken at spaces; a word longer than a line is broken in itself. */
export function wrap(text: string, width: number): string[] {
  const room = Math.max(1, width);
  const lines: string[] = [];
  let line = '';
  for (let word of text.split(' ').filter((part) => part !== '')) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) <= room) {
      line += ` ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (textWidth(word) > room) {
      const head = prefix(word, room);
      lines.push(head);
      word = word.slice(head.length);
    }
    line = word;
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

/** As much of the word as goes into `width` columns, but at least one character; up to the last comma or slash where there is one. */
function prefix(word: string, width: number): string {
  let kept = '';
  let used = 0;
  for (const grapheme of graphemes(word)) {
    used += graphemeWidth(grapheme);
    if (used > width && kept !== '') break;
    kept += grapheme;
  }
  return /^.*[,;|/]/s.exec(kept)?.[0] ?? kept;
}

import { pad, truncate, wrap } from './fit.ts';
import { type Segment, type StyledLine, segment } from './styledLine.ts';
import { textWidth } from './textWidth.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** The least width it may be cut to. */
  readonly shrinkTo?: number;
  /** The least width it may be folded to: nothing of it is lost, it takes more lines. */
  readonly foldTo?: number;
}

/** A cell: text, or text that means something. */
export type Cell = string | Segment;

const GAP = '  ';

/**
 * The rows under their titles, each line at most `width` columns (`Infinity`: as wide as needed). When they do not fit, the widest
 * column that may be cut or folded is made narrower, again and again; when none may be any more, whatever stands at the right is cut.
 */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number): StyledLine[] {
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === 'string' ? segment(cell) : segment(cell.text, cell.tone))),
  );
  const natural = columns.map(({ title }, index) =>
    Math.max(textWidth(title), ...cells.map((row) => textWidth(row[index]?.text ?? ''))),
  );
  const widths = fitWidths(columns, natural, width);
  const titles = columns.map(({ title }): Segment => ({ text: title, tone: 'faint' }));
  return [titles, ...cells].flatMap((row) => rowLines(columns, row, widths));
}

function rowLines(columns: readonly Column[], row: readonly Segment[], widths: readonly number[]): StyledLine[] {
  const folded = columns.map(({ foldTo }, index) => {
    const text = row[index]?.text ?? '';
    const room = widths[index] ?? 0;
    return foldTo === undefined || room < foldTo ? [truncate(text, room)] : wrap(text, room);
  });
  const height = Math.max(1, ...folded.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) =>
    columns.flatMap(({ align }, index): StyledLine => {
      const room = widths[index] ?? 0;
      if (room === 0) return [];
      const shown: Segment = {
        text: pad(folded[index]?.[at] ?? '', room, align ?? 'left'),
        tone: row[index]?.tone ?? 'plain',
      };
      return index === 0 ? [shown] : [{ text: GAP, tone: 'plain' }, shown];
    }),
  );
}

function fitWidths(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  const total = () => widths.reduce((sum, each) => sum + (each === 0 ? 0 : each + GAP.length), -GAP.length);
  while (total() > width) {
    let widest = -1;
    for (const [index, each] of widths.entries()) {
      const least = columns[index]?.shrinkTo ?? columns[index]?.foldTo ?? Number.POSITIVE_INFINITY;
      if (each > least && (widest === -1 || each > (widths[widest] ?? 0))) widest = index;
    }
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 1) - 1;
  }
  for (let index = widths.length - 1; index > 0 && total() > width; index--) {
    widths[index] = Math.max(0, (widths[index] ?? 0) - (total() - width));
  }
  if (total() > width) widths[0] = Math.max(1, width);
  return widths;
}

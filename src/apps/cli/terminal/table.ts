import { pad, truncate } from './fit.ts';
import { type Segment, type StyledLine, segment, type Tone } from './styledLine.ts';
import { textWidth } from './textWidth.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** The least width it may be cut to; columns without one are never cut while another can be. */
  readonly shrinkTo?: number;
}

/** A cell: text, or text that means something. */
export type Cell = string | Segment;

const GAP = '  ';

/**
 * The rows under their titles, each line at most `width` columns (`Infinity`: as wide as needed). When they do not fit, the widest
 * column that may be cut is cut, again and again; when none may be any more, whatever stands at the right is.
 */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number): StyledLine[] {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'string' ? segment(cell) : cell)));
  const widths = fitWidths(
    columns,
    columns.map((column, index) =>
      Math.max(textWidth(column.title), ...cells.map((row) => textWidth(row[index]?.text ?? ''))),
    ),
    width,
  );
  const line = (row: readonly Segment[]): StyledLine =>
    columns.flatMap((column, index) => {
      const { text, tone } = row[index] ?? { text: '', tone: 'plain' as Tone };
      const room = widths[index] ?? 0;
      if (room === 0) return [];
      const shown = pad(truncate(text, room), room, column.align ?? 'left');
      return index === 0
        ? [{ text: shown, tone }]
        : [
            { text: GAP, tone: 'plain' as Tone },
            { text: shown, tone },
          ];
    });
  return [line(columns.map(({ title }) => ({ text: title, tone: 'faint' }))), ...cells.map(line)];
}

function fitWidths(columns: readonly Column[], natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  const total = () => widths.reduce((sum, each) => sum + (each === 0 ? 0 : each + GAP.length), -GAP.length);
  while (total() > width) {
    let widest = -1;
    for (const [index, each] of widths.entries()) {
      const least = columns[index]?.shrinkTo ?? Number.POSITIVE_INFINITY;
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

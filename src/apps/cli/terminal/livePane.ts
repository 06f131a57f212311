import { paint, type StyledLine, truncateLine } from './styledLine.ts';
import { textWidth } from './textWidth.ts';

/** What a terminal is told, in one write: it draws nothing in between, so nothing flickers. */
const BEGIN_SYNCHRONIZED = '\x1b[?2026h';
const END_SYNCHRONIZED = '\x1b[?2026l';
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';

/** What stands on the screen now. The cursor is at the start of the line below it. */
export interface Drawn {
  /** Width of each line in columns. */
  readonly widths: readonly number[];
}

export const NOTHING_DRAWN: Drawn = { widths: [] };

/** What to show next. */
export interface Frame {
  /** Lines that stay for good, above what moves. */
  readonly above: readonly StyledLine[];
  readonly lines: readonly StyledLine[];
  /** Last lines that are shown even where the screen is too low for all. */
  readonly footer?: readonly StyledLine[];
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * The bytes that turn what is `drawn` into `frame`: up to the first old line, each line over the one before with its rest erased, then
 * everything below erased. Never wider than the screen less one column (a full last column wraps in some terminals) and never
 * higher than the screen, which could not be drawn over again.
 */
export function redraw(
  drawn: Drawn,
  frame: Frame,
  size: ScreenSize,
  colours: boolean,
): { readonly bytes: string; readonly drawn: Drawn } {
  const room = Math.max(1, size.columns - 1);
  const footer = frame.footer ?? [];
  const most = Math.max(1, size.rows - 1 - footer.length);
  const lines = [...clip(frame.lines, most), ...footer].map((line) => truncateLine(line, room));
  const above = frame.above.map((line) => truncateLine(line, room));
  const up = rowsTaken(drawn, size.columns);
  const text = [...above, ...lines].map((line) => `${paint(line, colours)}\x1b[K\n`).join('');
  const bytes = `${BEGIN_SYNCHRONIZED}${HIDE_CURSOR}\r${up > 0 ? `\x1b[${up}A` : ''}${text}\x1b[J${END_SYNCHRONIZED}`;
  return { bytes, drawn: { widths: lines.map((line) => textWidth(paint(line, false))) } };
}

/** Gives the cursor back. What was drawn last stays. */
export const CLOSE_PANE = SHOW_CURSOR;

/** Rows the old lines take now: a terminal that was made narrower since has folded the long ones. */
function rowsTaken(drawn: Drawn, columns: number): number {
  return drawn.widths.reduce((rows, width) => rows + Math.max(1, Math.ceil(width / columns)), 0);
}

function clip(lines: readonly StyledLine[], most: number): readonly StyledLine[] {
  if (lines.length <= most) return lines;
  const left = lines.length - most + 1;
  return [
    ...lines.slice(0, most - 1),
    [{ text: `… ${left} more lines; make the window higher to see them`, tone: 'faint' }],
  ];
}

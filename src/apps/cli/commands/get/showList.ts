import type { Exit } from '../../exitCodes.ts';
import { segment } from '../../terminal/styledLine.ts';
import { type Cell, type Column, table } from '../../terminal/table.ts';
import type { Context } from '../../tree/runner.ts';

/** A list as a person or a program is shown one. `none`: what to say, and do, when there is nothing. */
export interface Listing<T> {
  readonly columns: readonly Column[];
  readonly row: (item: T) => readonly Cell[];
  readonly none: string;
}

export function showList<T>(
  { output }: Context,
  { items, more }: { readonly items: readonly T[]; readonly more: boolean },
  { columns, row, none }: Listing<T>,
): Exit {
  output.document({ items, more });
  if (items.length === 0) output.lines([[segment(none, 'faint')]]);
  else output.lines(table(columns, items.map(row), output.width));
  if (more) output.notice(`only the first ${items.length} are shown; --limit shows more`);
  return 'done';
}

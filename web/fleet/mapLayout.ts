/** Rows of the fleet that stand together on the map. */
export interface MapGroup {
  readonly label: string;
  readonly rows: readonly number[];
}

/** A group with its place on the map, in pixels before any zoom. */
export interface MapBlock extends MapGroup {
  readonly columns: number;
  readonly x: number;
  /** Of the cells; the label stands above. */
  readonly y: number;
}

export interface MapLayout {
  readonly blocks: readonly MapBlock[];
  /** Width and height of one cell. */
  readonly cell: number;
  readonly height: number;
}

export const LABEL_HEIGHT = 22;
const GAP = 8;
const LARGEST_CELL = 26;
const SMALLEST_CELL = 1;

/** The largest cells with which everything fits, group below group. Where not even the smallest do, the map is higher than was asked. */
export function layOut(groups: readonly MapGroup[], width: number, height: number): MapLayout {
  let [fits, tooLarge] = [SMALLEST_CELL, LARGEST_CELL];
  if (heightWith(groups, width, tooLarge) <= height) fits = tooLarge;
  else {
    while (tooLarge - fits > 0.05) {
      const middle = (fits + tooLarge) / 2;
      if (heightWith(groups, width, middle) <= height) fits = middle;
      else tooLarge = middle;
    }
  }
  const columns = columnsWith(width, fits);
  let y = 0;
  const blocks = groups.map((group) => {
    const block = { ...group, columns: Math.min(columns, Math.max(1, group.rows.length)), x: 0, y: y + LABEL_HEIGHT };
    y = block.y + Math.ceil(group.rows.length / columns) * fits + GAP;
    return block;
  });
  return { blocks, cell: fits, height: Math.max(0, y - GAP) };
}

/** Which row of the fleet is at a point of the map; `null` between them. */
export function rowAt({ blocks, cell }: MapLayout, x: number, y: number): number | null {
  for (const block of blocks) {
    const [column, line] = [Math.floor((x - block.x) / cell), Math.floor((y - block.y) / cell)];
    if (column < 0 || column >= block.columns || line < 0) continue;
    const row = block.rows[line * block.columns + column];
    if (row !== undefined && y < block.y + Math.ceil(block.rows.length / block.columns) * cell) return row;
  }
  return null;
}

/** Where a row of the fleet stands; `null` when it is in no group. */
export function placeOf({ blocks, cell }: MapLayout, row: number): { readonly x: number; readonly y: number } | null {
  for (const block of blocks) {
    const at = block.rows.indexOf(row);
    if (at !== -1)
      return { x: block.x + (at % block.columns) * cell, y: block.y + Math.floor(at / block.columns) * cell };
  }
  return null;
}

function columnsWith(width: number, cell: number): number {
  return Math.max(1, Math.floor(width / cell));
}

function heightWith(groups: readonly MapGroup[], width: number, cell: number): number {
  const columns = columnsWith(width, cell);
  return groups.reduce((sum, { rows }) => sum + LABEL_HEIGHT + Math.ceil(rows.length / columns) * cell + GAP, -GAP);
}

export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed' | 'gap';
  readonly text: string;
  /** Numbers of the line, from 1, in each text that has it. */
  readonly before: number | null;
  readonly after: number | null;
}

/** Lines that are the same, left standing around what differs. */
const CONTEXT = 3;
/** Beyond that many differing lines in a row on both sides, they are set against each other as blocks: a bound on time and memory. */
const MOST_CELLS = 4_000_000;

/** What differs between two texts, line by line, with a little of what does not. The shortest such difference, where both are of a bearable size. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const [from, to] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start++;
  let end = 0;
  while (end < from.length - start && end < to.length - start && from.at(-1 - end) === to.at(-1 - end)) end++;
  const lines: DiffLine[] = [];
  const same = (index: number, other: number) =>
    lines.push({ kind: 'same', text: from[index] ?? '', before: index + 1, after: other + 1 });
  for (let index = 0; index < start; index++) same(index, index);
  lines.push(...between(from, to, start, from.length - end, to.length - end));
  for (let index = end; index > 0; index--) same(from.length - index, to.length - index);
  return withGaps(lines);
}

function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  return text.replace(/\n$/, '').split('\n');
}

/** By the longest common subsequence of what is not equal at both ends. */
function between(
  from: readonly string[],
  to: readonly string[],
  start: number,
  fromEnd: number,
  toEnd: number,
): readonly DiffLine[] {
  const [rows, columns] = [fromEnd - start, toEnd - start];
  const removed = (row: number): DiffLine => ({
    kind: 'removed',
    text: from[start + row] ?? '',
    before: start + row + 1,
    after: null,
  });
  const added = (column: number): DiffLine => ({
    kind: 'added',
    text: to[start + column] ?? '',
    before: null,
    after: start + column + 1,
  });
  const count = (length: number) => Array.from({ length }, (_, index) => index);
  if (rows * columns > MOST_CELLS) return [...count(rows).map(removed), ...count(columns).map(added)];
  const width = columns + 1;
  const longest = new Uint32Array((rows + 1) * width);
  const at = (row: number, column: number) => longest[row * width + column] ?? 0;
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      const isEqual = from[start + row] === to[start + column];
      longest[row * width + column] = isEqual
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [row, column] = [0, 0];
  while (row < rows || column < columns) {
    if (row < rows && column < columns && from[start + row] === to[start + column]) {
      lines.push({ kind: 'same', text: from[start + row] ?? '', before: start + row + 1, after: start + column + 1 });
      row++;
      column++;
    } else if (row < rows && (column === columns || at(row + 1, column) >= at(row, column + 1)))
      lines.push(removed(row++));
    else lines.push(added(column++));
  }
  return lines;
}

/** Long stretches that are the same give way to one line that says how long they are. */
function withGaps(lines: readonly DiffLine[]): readonly DiffLine[] {
  const near = new Set<number>();
  for (const [index, { kind }] of lines.entries()) {
    if (kind === 'same') continue;
    for (let other = index - CONTEXT; other <= index + CONTEXT; other++) near.add(other);
  }
  const shown: DiffLine[] = [];
  let left = 0;
  const close = () => {
    if (left > 0)
      shown.push({ kind: 'gap', text: `${left} ${left === 1 ? 'line' : 'lines'} the same`, before: null, after: null });
    left = 0;
  };
  for (const [index, line] of lines.entries()) {
    if (!near.has(index)) left++;
    else {
      close();
      shown.push(line);
    }
  }
  close();
  return shown;
}

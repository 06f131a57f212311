import type { SourcePosition } from './manifestProblem.ts';

/** Turns offsets in a text into lines and columns. The text is looked through once; each look-up takes the logarithm of its lines. */
export function positionsIn(text: string): (offset: number) => SourcePosition {
  const starts = [0];
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

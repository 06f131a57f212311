import { pad, wrap } from '../terminal/fit.ts';
import { lineWidth, type Segment, type StyledLine, segment } from '../terminal/styledLine.ts';

/** A name and what there is to say under it. Text folds; a line that was made elsewhere stands as it is. */
export type Fact = readonly [name: string, says: string | Segment | readonly StyledLine[]];

/** Facts under one another, names in a column of their own, long text folded within `width` beside it. A name that repeats is said once. */
export function facts(all: readonly Fact[], width: number, indent = ''): StyledLine[] {
  const names = all.map(([name]) => name);
  const column = Math.max(0, ...names.map((name) => lineWidth([segment(name)]))) + 2;
  let before = '';
  return all.flatMap(([name, says]) => {
    const lines = foldFact(says, width - column - indent.length);
    return lines.map((line, index): StyledLine => {
      const label = index === 0 && name !== before ? name : '';
      before = name;
      return [{ text: indent + pad(label, column), tone: 'faint' }, ...line];
    });
  });
}

function foldFact(says: string | Segment | readonly StyledLine[], width: number): readonly StyledLine[] {
  if (Array.isArray(says)) return says as readonly StyledLine[];
  const { text, tone } = typeof says === 'string' ? segment(says) : (says as Segment);
  return (Number.isFinite(width) ? wrap(text, width) : [text]).map((line) => [{ text: line, tone }]);
}

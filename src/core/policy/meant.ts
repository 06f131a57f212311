import { nearest } from '../kernel/nearest.ts';

/** `did you mean "x"?`, or what there is. */
export function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== null) return `did you mean "${near}"?`;
  return known.length === 0
    ? 'there is none'
    : `known: ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}`;
}

/** One mistake in a manifest: where it is, what was found there, what was expected, and what was probably meant. */
export interface ManifestProblem {
  /** As the caller named it; empty for a value that never was a file. */
  readonly file: string;
  /** `null` for a value that never was text. */
  readonly position: SourcePosition | null;
  /** `spec.stages[1].bake.minimum`; empty for the whole document. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
  /** The nearest valid name. */
  readonly suggestion: string | null;
  /** All of the above in one sentence, without file and position. */
  readonly says: string;
}

/** Both count from 1; a column is one UTF-16 code unit, as editors count. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

export type ManifestPath = readonly (string | number)[];

/** A mistake before it is known where in which text it stands. */
export interface Mistake {
  readonly path: ManifestPath;
  /** Whether the field's name is wrong, or what it holds. */
  readonly at: 'name' | 'value';
  readonly found: string;
  readonly expected: string;
  readonly suggestion: string | null;
  /** Where "found …, expected …" would not be a sentence. */
  readonly says?: string;
}

/** A mistake and its offset in the text. */
export interface LocatedMistake extends Mistake {
  readonly offset: number;
}

export function formatPath(path: ManifestPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!/^[A-Za-z_][-\w]*$/.test(step)) text += `[${JSON.stringify(abbreviate(step))}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

export function toProblem(mistake: Mistake, file: string, position: SourcePosition | null): ManifestProblem {
  const { found, expected, suggestion } = mistake;
  const path = formatPath(mistake.path);
  const says =
    (path === '' ? '' : `${path}: `) +
    (mistake.says ?? `found ${found}, expected ${expected}`) +
    (suggestion === null ? '' : `; did you mean "${suggestion}"?`);
  return { file, position, path, found, expected, suggestion, says };
}

export const MISSING = 'nothing';

/** What stands there, briefly: enough to recognise it, never the whole of a file that was pasted in the wrong place. */
export function describe(value: unknown): string {
  if (value === undefined) return MISSING;
  if (value === null) return 'nothing (null)';
  if (typeof value === 'string')
    return value === '' ? 'an empty text' : `the text ${JSON.stringify(abbreviate(value))}`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  return `${typeof value === 'number' ? 'the number ' : ''}${String(value)}`;
}

export function abbreviate(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

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

/** Something in an expression that does not fit. */
export class RuleMistake extends Error {
  /** In UTF-16 code units from the start of the expression; `null`: it is about the whole. */
  readonly offset: number | null;
  readonly remedy: string;
  constructor(says: string, remedy: string, offset: number | null = null) {
    super(says);
    this.offset = offset;
    this.remedy = remedy;
  }
}

/** Why something that arrived is not what it should be. Data, so that it can be told to whoever sent it. */
export interface Malformed {
  /** Where: `slots[3].current`; empty for the message as a whole. */
  readonly at: string;
  /** What was found and what was expected. */
  readonly says: string;
}

export function formatMalformed({ at, says }: Malformed): string {
  return at === '' ? says : `${at}: ${says}`;
}

/** Carries a {@link Malformed} out of nested reading; every decoder catches it and returns it as data. */
export class MalformedError extends Error {
  readonly malformed: Malformed;
  constructor(at: string, says: string) {
    super(formatMalformed({ at, says }));
    this.malformed = { at, says };
  }
}

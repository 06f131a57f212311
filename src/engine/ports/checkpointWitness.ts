/**
 * Remembers the newest checkpoint outside the record, where who can change the record cannot change it: with it, a record that was
 * cut off, rewritten or put back from an older copy is noticed at the next start.
 */
export interface CheckpointWitness {
  /** What was kept last; `null`: nothing was. Rejects, with where and what to do, when it cannot be read. */
  load(): Promise<string | null>;
  /** Replaces it as a whole, durably. */
  keep(text: string): Promise<void>;
}

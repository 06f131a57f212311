import type { Fact } from '../fact.ts';

/** What can be breached: a numbered law, or that everything settles once faults stop. */
export type LawName = `law-${number}` | 'liveness';

/** Watches one law. A sentence says how it was breached, with the names and figures in it; `null`: it was not. */
export interface Judge {
  /** On every fact, at the moment it becomes one. */
  readonly take?: (fact: Fact) => string | null;
  /** After steps, several times a simulated second: for what must not last. */
  readonly look?: () => string | null;
  /** At the end of a run. */
  readonly end?: () => string | null | Promise<string | null>;
}

export type Checker = Judge & { readonly law: LawName };

import type { LawName } from '../checkers/checker.ts';
import type { FaultKind } from '../faults.ts';
import type { ServerWraps } from '../server/serverHost.ts';

/** A deliberate bug, for the simulator alone: it exists to show that the checker of its law can fail. */
export interface Mutant {
  readonly law: LawName;
  /** The bug, in a sentence. */
  readonly says: string;
  /** It is found within so many seeds, or the checker has become blind. */
  readonly withinSeeds: number;
  /** What the bug needs to show: these faults, and no others, in every run. */
  readonly faults: readonly FaultKind[];
  /** Functions of the product that are replaced, by the path of their module from the root. */
  readonly modules?: readonly ModuleWrap[];
  readonly wraps?: ServerWraps;
}

export interface ModuleWrap {
  readonly path: string;
  readonly wrap: (real: never) => Readonly<Record<string, unknown>>;
}

/** Replaces exports of a module: `wrap` gets the real ones. `M` is `typeof import(path)`, so that a changed signature does not compile. */
export function replace<M>(path: string, wrap: (real: M) => Partial<M>): ModuleWrap {
  return { path, wrap: wrap as ModuleWrap['wrap'] };
}

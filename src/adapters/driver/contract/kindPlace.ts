import type { Driver } from '../../../engine/ports/driver.ts';

/**
 * A place where one kind of change is at work: what a kind brings so that {@link DRIVER_PROOFS} can be carried out on it. Everything in
 * it is real: files, processes, services. It is made anew for each proof and each death.
 */
export interface KindPlace {
  /** Says how another process makes the same driver: anything that JSON can hold, known to the program that {@link Killer} starts. */
  readonly source: unknown;
  /** A driver as a new start of the agent would have it: one that remembers nothing. */
  driver(): Driver;
  /** The bytes of two revisions that can be held here, unlike each other and what is there at first. */
  readonly revisions: readonly [Uint8Array, Uint8Array];
  /**
   * What is in force, as the world sees it: not by asking the driver. Two equal texts are the same state. Whatever a target would notice
   * belongs in it: bytes, mode, owner, what the service answers.
   */
  effect(): Promise<string>;
  /** What was applied has not taken: makes it so, behind the driver's back. It can still be undone. */
  spoil(): Promise<void>;
  /** Names of what lies about: what a driver leaves behind shows here. */
  litter(): Promise<readonly string[]>;
  /** Ends and removes everything. */
  close(): Promise<void>;
}

/** `folder` is empty and the place's own. */
export type MakePlace = (folder: string) => Promise<KindPlace>;

export interface PlaceTraits {
  /**
   * Why what is found right after a death may be neither old nor new, until it is undone. Left out: it never may. For a kind whose effect
   * is in other people's programs.
   */
  readonly halvesUntilUndone?: string;
}

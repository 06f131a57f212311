import type { Digest } from '../../core/kernel/digest.ts';
import { err, type Result } from '../../core/kernel/result.ts';
import type { Assignment } from '../../core/rollout/assignment.ts';
import type { FlagReader, ReadFlags } from '../ports/flags.ts';
import type { Fleet } from '../ports/fleet.ts';
import type { Logger } from '../ports/logger.ts';

/**
 * Flag sets in memory, read and compiled: what is in force, what is on trial, and the ways back (law 5). Going back needs nothing but
 * what is here.
 */
export class FlagShelf {
  readonly #fleet: Pick<Fleet, 'artifact'>;
  readonly #reader: FlagReader;
  readonly #logger: Logger;
  readonly #read = new Map<Digest, Result<ReadFlags, string>>();
  readonly #needed = new Map<string, ReadonlySet<Digest>>();

  constructor(fleet: Pick<Fleet, 'artifact'>, reader: FlagReader, logger: Logger) {
    this.#fleet = fleet;
    this.#reader = reader;
    this.#logger = logger;
  }

  /** `null`: it is not here. An error: it is here, and cannot be used. */
  get(digest: Digest): Result<ReadFlags, string> | null {
    return this.#read.get(digest) ?? null;
  }

  /** Brings here what a role may be told to hold, and lets go of what no role may. False: something could not be had just now. */
  async fetch(role: string, assignments: readonly Assignment[]): Promise<boolean> {
    const needed = new Set(
      assignments.flatMap(({ lastKnownGood, candidate, kept = [] }) => [
        ...(lastKnownGood === null ? [] : [lastKnownGood]),
        ...(candidate === null ? [] : [candidate.artifact]),
        ...kept,
      ]),
    );
    const before = this.#needed.get(role) ?? new Set();
    this.#needed.set(role, needed);
    let whole = true;
    for (const digest of needed) if (!this.#read.has(digest) && !(await this.#bring(digest))) whole = false;
    for (const digest of before)
      if (![...this.#needed.values()].some((each) => each.has(digest))) this.#read.delete(digest);
    return whole;
  }

  async #bring(digest: Digest): Promise<boolean> {
    try {
      const bytes = await this.#fleet.artifact(digest);
      if (bytes === null) throw new Error('there are no such bytes');
      const read = this.#reader.read(bytes);
      this.#read.set(digest, read.ok ? read : err(read.error.slice(0, 5).join('; ')));
      return true;
    } catch (error) {
      this.#logger.error(`flags cannot be had, and are tried again: ${String(error)}`, { artifact: digest });
      return false;
    }
  }
}

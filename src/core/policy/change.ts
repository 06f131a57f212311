import type { Digest } from '../kernel/digest.ts';
import type { SlotName } from '../topology/service.ts';

/** An immutable new revision for some slots of one service, on the roles it names. Its digest is its name. */
export interface Change {
  /** SHA-256 of the canonical JSON of `{service, roles, slots}`: the same content is the same change, whatever it is called. */
  readonly digest: Digest;
  /** What its author calls it. */
  readonly name: string;
  readonly service: string;
  readonly roles: readonly string[];
  /** The artifact each slot is to hold. */
  readonly slots: Readonly<Record<SlotName, Digest>>;
  /** By slot: labels without which a target cannot hold its artifact. Read off the content. Left out: none. */
  readonly labels?: Readonly<Record<SlotName, readonly string[]>>;
  /** Name of a metric of the service that counts only where the new path ran: then exposure counts that, and nothing else. */
  readonly newPath?: string;
  readonly reason: string;
  /** Says that going back to the old bytes does not undo it. Left out: it can be undone. */
  readonly irreversible?: Irreversible;
  /** The actor that registered it first. */
  readonly author: string;
}

/** Law 6: why a change cannot be undone, and what one does instead. */
export interface Irreversible {
  readonly reason: string;
  /** How people restore what it did. */
  readonly restore: string;
}

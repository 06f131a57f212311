import type { FailureCode } from '../../core/agent/failureCode.ts';
import type { RevertBy } from '../../core/agent/revertingSteps.ts';
import type { Attributes, Content } from '../../core/agent/slot.ts';

/**
 * How one slot of one kind of change is read, changed and changed back. Every method may be called again after the process was
 * killed in the middle of any of them, and then does what it would have done. Calls for one slot never overlap. Aborting the
 * signal asks the call to end soon; whatever it had done stays done.
 *
 * What is in force after a kill at any point is the whole of the old bytes or the whole of the new, never a mixture.
 *
 * Failures reject with a {@link DriverError}.
 */
export interface Driver {
  /** What the slot holds now. */
  read(signal: AbortSignal): Promise<Reading>;
  /** Brings everything that `apply` and `undo` will need to where they need it, room on the disk included. Changes nothing that is in force. */
  prepare(next: Revision, back: Revision, signal: AbortSignal): Promise<void>;
  /** Puts `next` in force and has the service take it up, unless the slot does not hold `expected` any more. */
  apply(next: Revision, expected: Content, signal: AbortSignal): Promise<void>;
  /** Shows that `next` is in force, as far as the target can be asked. Says how: `file`, `http`. */
  verify(next: Revision, signal: AbortSignal): Promise<string>;
  /**
   * Puts `back` in force whatever is there now, has the service take it up, and shows by effect that it is (law 7); a file that
   * the service never reads again is not a rollback. `leaving` is what may have been in force; `by`, how the service is told: by a
   * restart where there is a way to, else as it always is. Says how it was shown, and what it took.
   */
  undo(back: Revision, leaving: Content | null, signal: AbortSignal, by: RevertBy): Promise<string>;
  /** Whether there is a way to restart the service. Left out: there is not. */
  readonly canRestart?: boolean;
  /**
   * Removes what `prepare` left and is not needed any more. `back`: what undoing could still be asked for; `null`: nothing. `keep`: what the slot
   * may be asked to hold again, its last known goods among them (law 8); of these nothing is removed that only `prepare` could bring back.
   */
  tidy(back: Content | null, keep: ReadonlySet<Content>): Promise<void>;
}

/** What a slot is to hold; `bytes` are those of `content`, `null` when it is `absent`. */
export interface Revision {
  readonly content: Content;
  readonly bytes: Uint8Array | null;
  /** Of a baseline: what came with it. `null`: as the slot is configured, or as it is now. */
  readonly attributes: Attributes | null;
}

export interface Reading extends Revision {
  readonly attributes: Attributes;
  /** Which process the service is, where that can be told: another value is another process. Left out: it cannot, or there is none now. */
  readonly process?: string;
}

/** `message` says what was wrong, where, and what to do. */
export class DriverError extends Error {
  readonly code: FailureCode;
  /** False: what was in force is in force as if nothing had been tried. */
  readonly touched: boolean;
  /** Of `prepare`: it may work later without anybody doing anything. */
  readonly passing: boolean;
  constructor(
    code: FailureCode,
    message: string,
    touched: boolean,
    { passing = false, ...options }: ErrorOptions & { readonly passing?: boolean } = {},
  ) {
    super(message, options);
    this.name = 'DriverError';
    this.code = code;
    this.touched = touched;
    this.passing = passing;
  }
}

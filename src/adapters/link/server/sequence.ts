/**
 * Whether an agent's messages all arrived, and whether it is to be asked for its full state.
 *
 * Loop guard: having asked, we ask again only on a new connection, or after the agent has shown that it counts (one message
 * exactly one after the other). An agent that never counts is asked once a connection.
 */
export class Sequence {
  #last: bigint | null = null;
  #mayAsk = true;
  #wanted = false;
  /** Something was lost when we could not ask. */
  #owed = false;

  /** Takes note of a message's number. False: something before it was lost, or never heard, or it is a repetition. */
  follow(number: bigint): boolean {
    const follows = this.#last !== null && number === this.#last + 1n;
    this.#last = number;
    if (follows) this.#mayAsk = true;
    if (!follows || this.#owed) this.want();
    return follows;
  }

  /** It is a new connection, or long enough ago. What an agent omits when it reconnects is what it told us before: no reason to ask. */
  mayAskAgain(): void {
    this.#mayAsk = true;
  }

  /** The full state is needed; at the next occasion, if it may be asked for. */
  want(): void {
    if (this.#mayAsk) this.#wanted = true;
    this.#owed = !this.#mayAsk;
    this.#mayAsk = false;
  }

  /** Whether to ask in the message that is being written now. Asking is done with it. */
  takeQuestion(): boolean {
    const wanted = this.#wanted;
    this.#wanted = false;
    return wanted;
  }
}

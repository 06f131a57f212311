/** One server-sent event. */
export interface ServerSentEvent {
  /** `message` when the server named none. */
  readonly event: string;
  readonly data: string;
  /** The last id seen so far, of this event or an earlier one; empty for none. */
  readonly lastEventId: string;
}

/** No event of ours is larger. */
const LONGEST = 16 * 1024 * 1024;

/** Takes a stream apart as the HTML standard says (§9.2.6), however its bytes arrive. Comments and fields it does not know are skipped. */
export class EventStreamParser {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #lastEventId = '';
  #atStart = true;

  /** The events that end in this piece of text. */
  feed(piece: string): ServerSentEvent[] {
    let text = this.#rest + piece;
    if (this.#atStart && text !== '') {
      text = text.replace(/^\ufeff/, '');
      this.#atStart = false;
    }
    // A CR at the very end may be half of a CRLF: it waits for what comes next.
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
    const lines = whole.split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? '') + text.slice(whole.length);
    if (this.#rest.length > LONGEST) throw new Error('a line of the event stream never ends');
    const events: ServerSentEvent[] = [];
    for (const line of lines) {
      if (line === '') this.#dispatch(events);
      else this.#field(line);
    }
    return events;
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#event = value;
    else if (name === 'data') this.#data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.#lastEventId = value;
  }

  #dispatch(events: ServerSentEvent[]): void {
    if (this.#data.length > 0) {
      events.push({ event: this.#event || 'message', data: this.#data.join('\n'), lastEventId: this.#lastEventId });
    }
    this.#event = '';
    this.#data = [];
  }
}

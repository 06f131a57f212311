import type { ServerLinkHandlers } from '../../../engine/ports/serverLink.ts';

/** Whether the server is with us, told on when that changes, or when the reason why it is not does. */
export class Contact {
  readonly #changed: ServerLinkHandlers['changed'];
  #connected: boolean | null = null;
  #says = '';

  constructor(changed: ServerLinkHandlers['changed']) {
    this.#changed = changed;
  }

  get isUp(): boolean {
    return this.#connected === true;
  }

  up(says: string): void {
    if (this.#connected !== true) this.#tell(true, says);
  }

  down(says: string): void {
    if (this.#connected !== false || this.#says !== says) this.#tell(false, says);
  }

  #tell(connected: boolean, says: string): void {
    this.#connected = connected;
    this.#says = says;
    this.#changed({ connected, says });
  }
}

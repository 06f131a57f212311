import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';

/** The name under which the store remembers how far effects were performed. */
const EFFECTS = 'effects';

/** How far effects have got. Stored behind them, never before them; one write at a time, and none for every single event. */
export class EffectsCursor {
  readonly #store: Store;
  readonly #logger: Logger;
  #at = 0;
  #saving = false;

  private constructor(store: Store, logger: Logger, at: number) {
    this.#store = store;
    this.#logger = logger;
    this.#at = at;
  }

  static async open(store: Store, logger: Logger): Promise<EffectsCursor> {
    return new EffectsCursor(store, logger, await store.cursor(EFFECTS));
  }

  /** Position of the last event whose effects were performed. */
  get at(): number {
    return this.#at;
  }

  performed(position: number): void {
    this.#at = position;
    void this.#save();
  }

  async close(): Promise<void> {
    await this.#store.setCursor(EFFECTS, this.#at);
  }

  async #save(): Promise<void> {
    if (this.#saving) return;
    this.#saving = true;
    try {
      for (let saved = -1; saved !== this.#at; ) {
        saved = this.#at;
        await this.#store.setCursor(EFFECTS, saved);
      }
    } catch (error) {
      this.#logger.warn('effects will be repeated after a restart: their position could not be stored', {
        error: String(error),
      });
    } finally {
      this.#saving = false;
    }
  }
}

/** In which order agents hear of a change: those a roll-back touches, those whose revision changes, the others. */
const FAN_OUT_ORDER = ['urgent', 'changed', 'other'] as const;
type FanOutPriority = (typeof FAN_OUT_ORDER)[number];

/** Agents woken in one turn of the event loop; between turns messages are read and answered. */
const BATCH = 200;

/**
 * Agents that are to be woken, the urgent ones first. Waking says that there is something to tell, not what: an agent that
 * waits twice is woken once, and is told what is true by then.
 */
export class FanOut {
  readonly #wake: (uid: string, urgent: boolean) => void;
  readonly #waiting: Readonly<Record<FanOutPriority, Set<string>>> = {
    urgent: new Set(),
    changed: new Set(),
    other: new Set(),
  };
  #scheduled: NodeJS.Immediate | null = null;

  constructor(wake: (uid: string, urgent: boolean) => void) {
    this.#wake = wake;
  }

  add(uid: string, priority: FanOutPriority): void {
    for (const each of FAN_OUT_ORDER) {
      if (this.#waiting[each].has(uid) && FAN_OUT_ORDER.indexOf(each) <= FAN_OUT_ORDER.indexOf(priority)) return;
      this.#waiting[each].delete(uid);
    }
    this.#waiting[priority].add(uid);
    this.#scheduled ??= setImmediate(() => this.#turn());
  }

  stop(): void {
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
    for (const each of FAN_OUT_ORDER) this.#waiting[each].clear();
  }

  #turn(): void {
    this.#scheduled = null;
    let woken = 0;
    for (const priority of FAN_OUT_ORDER) {
      for (const uid of this.#waiting[priority]) {
        if (woken++ === BATCH) {
          this.#scheduled = setImmediate(() => this.#turn());
          return;
        }
        this.#waiting[priority].delete(uid);
        this.#wake(uid, priority === 'urgent');
      }
    }
  }
}

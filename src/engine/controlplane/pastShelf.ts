import { PAST_WINDOWS, PastBook, type PastRecord } from '../../core/analysis/pastBook.ts';
import type { Json } from '../../core/kernel/canonicalJson.ts';
import type { DurationMs, Instant } from '../../core/kernel/instant.ts';
import type { World } from '../../core/record/world.ts';
import type { PastPart, Store } from '../ports/store.ts';

/** What is known of each target is written at most so often; of many targets less often, for it is all written each time. */
const LEVELS_EVERY_MS: DurationMs = 60_000;
const LEVELS_MS_A_TARGET: DurationMs = 6;

/** The pasts of all services. Each outlives its rollouts, and the process. */
export class PastShelf {
  readonly #world: () => World;
  readonly #windowMsOf: (service: string) => DurationMs;
  readonly #books = new Map<string, PastBook>();
  /** What was kept when the process began, of services whose past nobody has needed yet. */
  readonly #kept = new Map<string, readonly PastRecord[]>();
  readonly #unsaved = new Map<string, PastPart>();
  readonly #levelsAt = new Map<string, Instant>();
  #pipelines: World['pipelines'] | null = null;

  constructor(world: () => World, windowMsOf: (service: string) => DurationMs) {
    this.#world = world;
    this.#windowMsOf = windowMsOf;
  }

  async open(store: Pick<Store, 'past'>): Promise<void> {
    for (const service of this.#world().services.keys()) {
      const records = (await store.past(service)).map(({ body }) => body as unknown as PastRecord);
      // Rows count up to what is known of each target, and that was written after them.
      const order = (record: PastRecord) => record.at + ('levels' in record ? 0.5 : 0);
      this.#kept.set(
        service,
        records.sort((a, b) => order(a) - order(b)),
      );
    }
  }

  /** The past of a service. Windows of another length than before begin it anew: but for what is known of each target, they cannot be compared. */
  of(service: string): PastBook {
    this.#askAnew();
    const windowMs = this.#windowMsOf(service);
    const before = this.#books.get(service);
    if (before?.windowMs === windowMs) return before;
    const book = new PastBook(windowMs);
    const levels = before?.levels(0) ?? [];
    for (const record of [...(this.#kept.get(service) ?? []), ...levels]) book.replay(record);
    this.#books.set(service, book);
    this.#ask(service, book);
    return book;
  }

  /** To be stored at the next opportunity. */
  keep(service: string, records: readonly PastRecord[], now: Instant): void {
    for (const record of records) this.#put(service, record);
    const everyMs = Math.max(LEVELS_EVERY_MS, this.#world().targets.size * LEVELS_MS_A_TARGET);
    if (now - (this.#levelsAt.get(service) ?? now - everyMs / 2) >= everyMs) this.#keepLevels(service, now);
    else if (!this.#levelsAt.has(service)) this.#levelsAt.set(service, now - everyMs / 2);
  }

  /** Everything that is not stored yet; before the process ends also what is known of each target. */
  takeUnsaved(now: Instant, atTheEnd: boolean): readonly PastPart[] {
    if (atTheEnd) for (const service of this.#books.keys()) this.#keepLevels(service, now);
    const parts = [...this.#unsaved.values()];
    this.#unsaved.clear();
    return parts;
  }

  #keepLevels(service: string, now: Instant): void {
    this.#levelsAt.set(service, now);
    for (const record of this.#books.get(service)?.levels(now) ?? []) this.#put(service, record);
  }

  /** Rows take each other's places in turn, so that a past never needs more room than what is still looked at. */
  #put(service: string, record: PastRecord): void {
    const { kind, role, question, at } = record;
    const turn = 'windowMs' in record ? Math.floor(at / record.windowMs) % PAST_WINDOWS : 0;
    const part = `${kind} ${role} ${question} ${String(turn).padStart(4, '0')}`;
    this.#unsaved.set(`${service}\n${part}`, { service, part, body: record as unknown as Json });
  }

  /** Every pipeline's questions are learned from the day it is applied: when its first rollout begins there is a past. */
  #askAnew(): void {
    const { pipelines } = this.#world();
    if (pipelines === this.#pipelines) return;
    this.#pipelines = pipelines;
    for (const [service, book] of this.#books) this.#ask(service, book);
  }

  #ask(service: string, book: PastBook): void {
    const { pipelines, services } = this.#world();
    const roles = services.get(service)?.roles ?? [];
    for (const pipeline of pipelines.values()) {
      for (const check of pipeline.checks) {
        if ((check.of ?? pipeline.service) !== service) continue;
        for (const role of roles) book.follow(role, check);
      }
    }
  }
}

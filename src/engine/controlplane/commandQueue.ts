import type { Refusal } from '../../core/kernel/refusal.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { type Command, decideCommand } from '../../core/record/decideCommand.ts';
import type { DomainEvent, RecordedEvent } from '../../core/record/event.ts';
import { EMPTY_WORLD, evolveWorld, WorldDraft } from '../../core/record/evolveWorld.ts';
import { markBreakGlass } from '../../core/record/markBreakGlass.ts';
import type { World } from '../../core/record/world.ts';
import { fromStored, toUnstored } from '../../wire/recordedEvent.ts';
import type { StoredEvent } from '../../wire/storedEvent.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { type Store, StoreError } from '../ports/store.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { FreezeLookup } from './freezeLookup.ts';
import type { Notary } from './notary.ts';

/** How many commands may share one append. Bounds what a full disk takes back at once. */
const MOST_PER_APPEND = 500;
const PAGE = 5000;

export type CommandOutcome = Result<readonly StoredEvent[], readonly Refusal[]>;

export interface CommandQueueParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly freezes: FreezeLookup;
  readonly notary: Notary;
  readonly checkpointer: Checkpointer;
  readonly logger: Logger;
}

type AppendListener = (events: readonly StoredEvent[], world: World) => void;

interface Waiting {
  readonly actor: string;
  readonly command: Command;
  readonly resolve: (outcome: CommandOutcome) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The one place where the world changes: load, decide, append, evolve. Commands are decided one after the other, each against
 * the outcome of those before it; those that wait while an append is under way share the next one (group commit).
 *
 * A promise resolves only when its events are durable. When the append fails, every command of the batch is rejected and the
 * world is what it was. When another control plane has appended (law 20), this one stops deciding for good, see {@link overtaken}.
 */
export class CommandQueue {
  #world: World;
  readonly #parts: CommandQueueParts;
  readonly #waiting: Waiting[] = [];
  readonly #listeners = new Set<AppendListener>();
  #working = false;
  #fault: StoreError | null = null;
  readonly #overtaken = Promise.withResolvers<StoreError>();

  private constructor(parts: CommandQueueParts, world: World) {
    this.#parts = parts;
    this.#world = world;
  }

  /** Folds the whole log. Rejects with a StoreError when it cannot be read or says something this version does not know. */
  static async open(parts: CommandQueueParts): Promise<CommandQueue> {
    const { store, checkpointer } = parts;
    const draft = new WorldDraft(EMPTY_WORLD);
    for (;;) {
      const page = await store.read(draft.position, PAGE);
      if (page.length === 0) return new CommandQueue(parts, draft.done());
      checkpointer.replay(page);
      try {
        for (const stored of page) draft.apply(fromStored(stored));
      } catch (error) {
        const says = error instanceof Error ? error.message : String(error);
        throw new StoreError('corrupt', `the log cannot be replayed: ${says}`, { cause: error });
      }
    }
  }

  get world(): World {
    return this.#world;
  }

  /** Why nothing can be decided now; `null` when it can. A full disk is over as soon as an append succeeds again. */
  get fault(): StoreError | null {
    return this.#fault;
  }

  /** Calls back after each append with its events and the world after it, in order, synchronously. */
  onAppend(listener: AppendListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when another control plane has appended to the log. From then on this one is behind, and decides nothing more. */
  get overtaken(): Promise<StoreError> {
    return this.#overtaken.promise;
  }

  get isOvertaken(): boolean {
    return this.#fault?.fault === 'locked';
  }

  /** Looks whether another control plane has appended (law 20): who has nothing to append would never find out. */
  async look(): Promise<void> {
    const { position } = this.#world;
    const head = await this.#parts.store.head();
    const isIdle = !this.#working && this.#world.position === position;
    if (isIdle && !this.isOvertaken && head !== position) this.#standDown(head);
  }

  submit(actor: string, command: Command): Promise<CommandOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ actor, command, resolve, reject });
      if (!this.#working) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#waiting.length > 0) await this.#appendBatch(this.#waiting.splice(0, MOST_PER_APPEND));
    this.#working = false;
  }

  async #appendBatch(batch: readonly Waiting[]): Promise<void> {
    if (this.#fault?.fault === 'locked') {
      for (const { reject } of batch) reject(this.#fault);
      return;
    }
    const { store, clock, freezes, notary, checkpointer } = this.#parts;
    const before = this.#world;
    const now = clock.now();
    const asked = batch.some(({ command }) => command.type === 'checkpoint');
    // First of all: a checkpoint is of the event right before it.
    const recorded: RecordedEvent[] = checkpointer
      .due(before, asked, now)
      .map((event) => place(event, before.position + 1, now, 'engine'));
    let draft = evolveWorld(before, recorded);
    const decided: { readonly waiting: Waiting; readonly from: number; readonly to: number }[] = [];
    for (const waiting of batch) {
      try {
        const decision = decideCommand(draft, freezes.refresh(draft, waiting.command, now), now, waiting.actor);
        if (!decision.ok) {
          waiting.resolve(err(decision.error));
          continue;
        }
        const attested =
          waiting.command.type === 'renewPermits'
            ? notary.renewed(draft, waiting.command.rollout, now)
            : notary.attest(draft, decision.value, now);
        const events = markBreakGlass(draft, attested, now).map((event, index) =>
          place(event, draft.position + 1 + index, now, waiting.actor),
        );
        draft = evolveWorld(draft, events);
        decided.push({ waiting, from: recorded.length, to: recorded.length + events.length });
        recorded.push(...events);
      } catch (error) {
        // A broken invariant is a bug: it ends this command, and must not take down those that share its batch.
        waiting.reject(error instanceof Error ? error : new Error(String(error)));
      }
    }
    if (recorded.length === 0) {
      for (const { waiting } of decided) waiting.resolve(ok([]));
      return;
    }
    let appended: readonly StoredEvent[];
    try {
      const outcome = await store.append(
        before.position,
        recorded.map((event) => toUnstored(event, event.at, event.actor)),
      );
      if (outcome.outcome === 'conflict') throw this.#standDown(outcome.head);
      appended = outcome.events;
    } catch (error) {
      const fault =
        error instanceof StoreError ? error : new StoreError('unavailable', String(error), { cause: error });
      this.#fault ??= fault;
      for (const { waiting } of decided) waiting.reject(fault);
      return;
    }
    this.#fault = null;
    this.#world = draft;
    for (const { waiting, from, to } of decided) waiting.resolve(ok(appended.slice(from, to)));
    for (const listener of this.#listeners) this.#tell(listener, appended, draft);
  }

  /** What was appended stands, whatever a listener makes of it: a bug in one is no fault of the store, and no reason not to tell the others. */
  #tell(listener: AppendListener, events: readonly StoredEvent[], world: World): void {
    try {
      listener(events, world);
    } catch (error) {
      const { logger } = this.#parts;
      const about = { head: world.position, error: error instanceof Error ? error.stack : String(error) };
      logger.error('something could not follow what was appended; restart the server, which performs it again', about);
    }
  }

  #standDown(head: number): StoreError {
    const says = `another control plane has appended to the log (it ends at ${head}, expected ${this.#world.position}); this one is behind: it decides and tells nothing more`;
    const fault = new StoreError('locked', says);
    this.#fault = fault;
    this.#overtaken.resolve(fault);
    return fault;
  }
}

function place(event: DomainEvent, position: number, at: number, actor: string): RecordedEvent {
  return { ...event, position, at, actor };
}

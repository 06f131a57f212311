import type { Refusal } from '../../core/kernel/refusal.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { type Command, decideCommand } from '../../core/record/decideCommand.ts';
import type { DomainEvent, RecordedEvent } from '../../core/record/event.ts';
import { EMPTY_WORLD, evolveWorld, WorldDraft } from '../../core/record/evolveWorld.ts';
import type { World } from '../../core/record/world.ts';
import { fromStored, toUnstored } from '../../wire/recordedEvent.ts';
import type { StoredEvent } from '../../wire/storedEvent.ts';
import type { Clock } from '../ports/clock.ts';
import { type Store, StoreError } from '../ports/store.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { FreezeLookup } from './freezeLookup.ts';
import type { Notary } from './notary.ts';

/** How many commands may share one append. Bounds what a full disk takes back at once. */
const MOST_PER_APPEND = 500;
const PAGE = 5000;

export type CommandOutcome = Result<readonly StoredEvent[], readonly Refusal[]>;

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
 * world is what it was. When another control plane has appended (law 20), this one stops deciding for good.
 */
export class CommandQueue {
  #world: World;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #freezes: FreezeLookup;
  readonly #notary: Notary;
  readonly #checkpointer: Checkpointer;
  readonly #waiting: Waiting[] = [];
  readonly #listeners = new Set<(events: readonly StoredEvent[], world: World) => void>();
  #working = false;
  #fault: StoreError | null = null;

  private constructor(
    store: Store,
    clock: Clock,
    freezes: FreezeLookup,
    notary: Notary,
    checkpointer: Checkpointer,
    world: World,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#freezes = freezes;
    this.#notary = notary;
    this.#checkpointer = checkpointer;
    this.#world = world;
  }

  /** Folds the whole log. Rejects with a StoreError when it cannot be read or says something this version does not know. */
  static async open(
    store: Store,
    clock: Clock,
    freezes: FreezeLookup,
    notary: Notary,
    checkpointer: Checkpointer,
  ): Promise<CommandQueue> {
    const draft = new WorldDraft(EMPTY_WORLD);
    for (;;) {
      const page = await store.read(draft.position, PAGE);
      if (page.length === 0) return new CommandQueue(store, clock, freezes, notary, checkpointer, draft.done());
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
  onAppend(listener: (events: readonly StoredEvent[], world: World) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
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
    const before = this.#world;
    const now = this.#clock.now();
    const asked = batch.some(({ command }) => command.type === 'checkpoint');
    // First of all: a checkpoint is of the event right before it.
    const recorded: RecordedEvent[] = this.#checkpointer
      .due(before, asked, now)
      .map((event) => place(event, before.position + 1, now, 'engine'));
    let draft = evolveWorld(before, recorded);
    const decided: { readonly waiting: Waiting; readonly from: number; readonly to: number }[] = [];
    for (const waiting of batch) {
      try {
        const decision = decideCommand(draft, this.#freezes.refresh(draft, waiting.command, now), now, waiting.actor);
        if (!decision.ok) {
          waiting.resolve(err(decision.error));
          continue;
        }
        const attested =
          waiting.command.type === 'renewPermits'
            ? this.#notary.renewed(draft, waiting.command.rollout, now)
            : this.#notary.attest(draft, decision.value, now);
        const events = attested.map((event, index) => place(event, draft.position + 1 + index, now, waiting.actor));
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
    try {
      const outcome = await this.#store.append(
        before.position,
        recorded.map((event) => toUnstored(event, event.at, event.actor)),
      );
      if (outcome.outcome === 'conflict') {
        const says = `another control plane has appended to the log (it ends at ${outcome.head}, expected ${before.position}); this one decides nothing more`;
        this.#fault = new StoreError('locked', says);
        throw this.#fault;
      }
      this.#fault = null;
      this.#world = draft;
      for (const { waiting, from, to } of decided) waiting.resolve(ok(outcome.events.slice(from, to)));
      for (const listener of this.#listeners) listener(outcome.events, draft);
    } catch (error) {
      const fault =
        error instanceof StoreError ? error : new StoreError('unavailable', String(error), { cause: error });
      this.#fault ??= fault;
      for (const { waiting } of decided) waiting.reject(fault);
    }
  }
}

function place(event: DomainEvent, position: number, at: number, actor: string): RecordedEvent {
  return { ...event, position, at, actor };
}

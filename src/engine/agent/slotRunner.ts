import { decideSlot } from '../../core/agent/decideSlot.ts';
import { evolveSlot } from '../../core/agent/evolveSlot.ts';
import { type Content, deadlineOf, newSlot, type Slot } from '../../core/agent/slot.ts';
import type { SlotEffect, SlotInput, SlotLimits, StartedAfter } from '../../core/agent/slotInput.ts';
import type { DurationMs } from '../../core/kernel/instant.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { Target } from '../../core/topology/target.ts';
import { type AgentDisk, AgentDiskError } from '../ports/agentDisk.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { InForce } from './revisionCounts.ts';
import { brokenOff, SlotEffects, type SlotTools } from './slotEffects.ts';
import { logSlotEvent } from './slotEventLog.ts';
import { readSlotRecord, writeSlotRecord } from './slotRecord.ts';

/** How soon what could not be kept on disk is tried to be kept again. */
const KEEP_AGAIN_MS: DurationMs = 1_000;

export interface SlotRunnerOptions {
  readonly name: SlotName;
  readonly target: () => Target;
  readonly limits: SlotLimits;
  /** How often what is in force is read back while nothing is under way. */
  readonly inspectEveryMs: DurationMs;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Something about the slot is different now. */
  readonly changed: () => void;
}

/**
 * Drives one slot: decides on one input after the other, keeps the outcome on disk, and only then acts on it. One effect at a
 * time; what a decision has made pointless is aborted, waited for, and its outcome thrown away. So after a kill at any moment the
 * record says at least as much as was done, and the next start can finish or undo it.
 */
export class SlotRunner {
  readonly name: SlotName;
  readonly #options: SlotRunnerOptions;
  readonly #disk: AgentDisk;
  readonly #effects: SlotEffects;
  readonly #queue: SlotInput[] = [];
  #slot: Slot;
  #written: string;
  #taking = false;
  #lane: Promise<void> = Promise.resolve();
  #step: AbortController | null = null;
  /** Decided on and not begun yet. */
  #next: SlotEffect | null = null;
  #serial = 0;
  /** The service's process when it was last looked at, and under which {@link InForce.serial}. */
  #seen: { readonly process: string; readonly serial: number } | null = null;
  #closed = false;
  #cancelDeadline = () => {};
  #cancelInspect = () => {};
  #cancelKeep = () => {};
  readonly #onceAtRest = new Set<() => void>();

  private constructor(options: SlotRunnerOptions, tools: SlotTools, slot: Slot, written: string) {
    this.name = options.name;
    this.#options = options;
    this.#disk = tools.disk;
    this.#effects = new SlotEffects(tools, (process) => this.#sawProcess(process));
    this.#slot = slot;
    this.#written = written;
  }

  /** Reads what was kept of the slot. Rejects with an {@link AgentDiskError} when that cannot be trusted. */
  static async open(options: SlotRunnerOptions, tools: SlotTools): Promise<SlotRunner> {
    const written = await tools.disk.readRecord(options.name);
    if (written === null) return new SlotRunner(options, tools, newSlot(options.name), '');
    const slot = readSlotRecord(written);
    if (slot.ok && slot.value.name === options.name) return new SlotRunner(options, tools, slot.value, written);
    const says = slot.ok ? `it is of ${slot.value.name}` : slot.error;
    throw new AgentDiskError('corrupt', `the record of ${options.name} cannot be used: ${says}`);
  }

  get slot(): Slot {
    return this.#slot;
  }

  /** What is in force and known to be; `null` while that is being changed, or is not what it should be. */
  get inForce(): InForce | null {
    const content = contentInForce(this.#slot);
    return content === null ? null : { content, serial: this.#serial };
  }

  /** Whether the slot itself tells when its service is started anew. */
  get seesProcess(): boolean {
    return this.#seen !== null;
  }

  /** Contents that must stay on the target for this slot. */
  needed(): ReadonlySet<Content> {
    return this.#effects.needed(this.#slot);
  }

  start(after: StartedAfter): void {
    this.give({ kind: 'started', after });
    this.#inspectLater();
  }

  /** Inputs are decided on in the order in which they are given. */
  give(input: SlotInput): void {
    if (this.#closed) return;
    this.#queue.push(input);
    void this.#takeAll();
  }

  /** Goes back to what was proven before, as a person ordered here. Resolves with the slot once it has come to rest, or is stuck. */
  async takeBack(to: Content | null, says: string): Promise<Slot> {
    this.give({ kind: 'revertOrdered', to, says });
    await new Promise<void>((resolve) => {
      this.#onceAtRest.add(resolve);
      this.#tellAtRest();
    });
    return this.#slot;
  }

  /**
   * Ends in order: what is not confirmed goes back first, for at most `graceMs`; what is confirmed stays. Whatever is still under
   * way then is left to the next start.
   */
  async stop(graceMs: DurationMs): Promise<void> {
    if (this.#closed) return;
    this.give({ kind: 'stopping' });
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(graceMs, resolve);
      this.#onceAtRest.add(() => {
        cancel();
        resolve();
      });
      this.#tellAtRest();
    });
    this.#closed = true;
    this.#cancelDeadline();
    this.#cancelInspect();
    this.#cancelKeep();
    this.#step?.abort();
    await this.#lane;
  }

  async #takeAll(): Promise<void> {
    if (this.#taking) return;
    this.#taking = true;
    for (let input = this.#queue.shift(); input !== undefined; input = this.#queue.shift()) {
      await this.#take(input);
      // What came while this was written down is decided on first: nothing is begun that an order already here makes pointless.
      if (this.#queue.length > 0 || this.#next === null) continue;
      const effect = this.#next;
      this.#next = null;
      this.#begin(effect, this.#slot);
    }
    this.#taking = false;
    this.#tellAtRest();
  }

  async #take(input: SlotInput): Promise<void> {
    const { clock, target, limits, changed, logger } = this.#options;
    const before = this.#slot;
    const decision = decideSlot(before, input, { now: clock.monotonic(), target: target(), limits });
    const slot = decision.events.reduce(evolveSlot, before);
    const lost = await this.#keep(slot);
    const uncounted = input.kind === 'started' && decision.events.some(({ type }) => type === 'TrialRuns');
    if (lost !== null && (uncounted || decision.effect?.do === 'apply')) {
      // Not kept, not done. Everything else may go on: what is on disk still leads back.
      const code = lost.fault === 'disk-full' ? 'disk-full' : 'prepare-failed';
      await this.#take({ kind: 'journalFailed', code, says: lost.message });
      return;
    }
    this.#slot = slot;
    for (const event of decision.events) logSlotEvent(logger, this.name, event);
    if (contentInForce(slot) !== contentInForce(before)) this.#serial++;
    if (decision.effect !== null || slot.phase.name !== before.phase.name) {
      this.#step?.abort();
      this.#next = decision.effect;
    }
    this.#wakeAtDeadline();
    if (decision.events.length > 0) changed();
  }

  async #keep(slot: Slot): Promise<AgentDiskError | null> {
    const record = writeSlotRecord(slot);
    if (record === this.#written) return null;
    try {
      await this.#disk.writeRecord(this.name, record);
      this.#written = record;
      return null;
    } catch (error) {
      if (!(error instanceof AgentDiskError)) throw error;
      this.#options.logger.error(`the state of ${this.name} cannot be kept: ${error.message}`, { slot: this.name });
      this.#keepLater();
      return error;
    }
  }

  /** Going back asks for no room on the disk; that it went back is written down as soon as there is some. */
  #keepLater(): void {
    this.#cancelKeep();
    this.#cancelKeep = this.#options.clock.after(KEEP_AGAIN_MS, () => this.give({ kind: 'tick' }));
  }

  #begin(effect: SlotEffect, slot: Slot): void {
    const step = new AbortController();
    this.#step = step;
    this.#lane = this.#lane.then(async () => {
      if (step.signal.aborted) return;
      const input = await this.#effects.perform(effect, slot, step.signal).catch((error: unknown) => {
        this.#options.logger.error(`${effect.do} of ${this.name} failed`, { slot: this.name, error: String(error) });
        return brokenOff(effect, error);
      });
      if (step.signal.aborted) return;
      this.#step = null;
      if (input !== null) this.give(input);
    });
  }

  #wakeAtDeadline(): void {
    this.#cancelDeadline();
    const until = deadlineOf(this.#slot);
    if (until === null || this.#closed) return;
    const { clock } = this.#options;
    this.#cancelDeadline = clock.after(Math.max(0, until - clock.monotonic()), () => this.give({ kind: 'tick' }));
  }

  #inspectLater(): void {
    this.#cancelInspect = this.#options.clock.after(this.#options.inspectEveryMs, () => {
      if (this.#closed) return;
      if (canBeLookedAt(this.#slot) && this.#step === null) this.#begin({ do: 'inspect' }, this.#slot);
      this.#inspectLater();
    });
  }

  /** The service that we told to take something up may have become another process over it. Only what changes later counts. */
  #sawProcess(process: string): void {
    const before = this.#seen;
    this.#seen = { process, serial: this.#serial };
    if (before === null || before.serial !== this.#serial || before.process === process) return;
    this.give({ kind: 'struck', by: 'restarted', says: `its process was ${process}, before ${before.process}` });
  }

  #tellAtRest(): void {
    if (!this.#taking && this.#queue.length === 0 && (isAtRest(this.#slot) || this.#slot.phase.name === 'stuck')) {
      const waiting = [...this.#onceAtRest];
      this.#onceAtRest.clear();
      for (const tell of waiting) tell();
    }
  }
}

function canBeLookedAt(slot: Slot): boolean {
  return isAtRest(slot) || slot.phase.name === 'provisional';
}

function isAtRest({ phase }: Slot): boolean {
  return phase.name === 'settled' || phase.name === 'watching' || phase.name === 'failed';
}

function contentInForce(slot: Slot): Content | null {
  const { phase, current, holds } = slot;
  switch (phase.name) {
    case 'settled':
    case 'failed':
    case 'watching':
    case 'preparing':
      return current === holds ? holds : null;
    case 'checking':
    case 'provisional':
      return phase.move.to;
    case 'applying':
    case 'verifying':
    case 'reverting':
    case 'stuck':
      return null;
  }
}

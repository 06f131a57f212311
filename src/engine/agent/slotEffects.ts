import { revertBy } from '../../core/agent/revertingSteps.ts';
import { type Content, contentsToKeep, type Move, type Slot } from '../../core/agent/slot.ts';
import type { SlotEffect, SlotInput } from '../../core/agent/slotInput.ts';
import type { Digest } from '../../core/kernel/digest.ts';
import { type AgentDisk, AgentDiskError } from '../ports/agentDisk.ts';
import { type Driver, DriverError, type Revision } from '../ports/driver.ts';
import type { RoundOutcome } from './checkPanel.ts';

/** What a slot's effects need of the world. */
export interface SlotTools {
  readonly driver: Driver;
  readonly disk: AgentDisk;
  /** Bytes from the server, by digest. Rejects when they cannot be had now. */
  readonly fetch: (digest: Digest) => Promise<Uint8Array>;
  /** Asks every local check anew. */
  readonly checkRound: (signal: AbortSignal) => Promise<RoundOutcome>;
  /** Resolves when the others of the same change are prepared too, and those that come first are in force. */
  readonly gate: (move: Move, signal: AbortSignal) => Promise<void>;
  /** Throws away kept bytes that no slot of this agent needs. */
  readonly prune: () => Promise<void>;
}

/** The effects of one slot. Each gives the input that its outcome is, or `null` when there is nothing to say. Never rejects. */
export class SlotEffects {
  readonly #tools: SlotTools;
  /** Kept for a move that has only begun, so that pruning leaves it. */
  readonly #inHand = new Set<Content>();
  readonly #sawProcess: (process: string) => void;

  constructor(tools: SlotTools, sawProcess: (process: string) => void) {
    this.#tools = tools;
    this.#sawProcess = sawProcess;
  }

  /** Contents that must stay on the target, counting those being fetched. */
  needed(slot: Slot): ReadonlySet<Content> {
    return contentsToKeep(slot).union(this.#inHand);
  }

  async perform(effect: SlotEffect, slot: Slot, signal: AbortSignal): Promise<SlotInput | null> {
    switch (effect.do) {
      case 'inspect':
        return this.#inspect(signal);
      case 'prepare':
        return this.#prepare(effect, slot, signal);
      case 'apply':
        return this.#apply(effect, slot, signal);
      case 'verify':
        return this.#verify(effect, slot, signal);
      case 'check':
        return this.#check(signal);
      case 'revert':
        return this.#revert(effect, slot, signal);
      case 'tidy':
        return this.#tidy(slot, signal);
    }
  }

  async #inspect(signal: AbortSignal): Promise<SlotInput> {
    try {
      const { content, process } = await this.#tools.driver.read(signal);
      if (process !== undefined && !signal.aborted) this.#sawProcess(process);
      return { kind: 'inspected', content, verifiedBy: 'file' };
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      return { kind: 'inspected', content: null, verifiedBy: '' };
    }
  }

  async #prepare(
    { move, alsoKeep }: Extract<SlotEffect, { do: 'prepare' }>,
    slot: Slot,
    signal: AbortSignal,
  ): Promise<SlotInput> {
    const { driver, disk, checkRound, gate } = this.#tools;
    try {
      const back = await driver.read(signal);
      this.#inHand.clear();
      for (const content of [back.content, move.to, alsoKeep]) if (content !== null) this.#inHand.add(content);
      const found = { kind: 'prepared', found: back.content, attributes: back.attributes } as const;
      if (slot.baseline !== null && back.content !== move.from) return found;
      // Law 5: the way back first.
      if (back.bytes !== null) await disk.keep(back.bytes);
      if (alsoKeep !== null) await this.#bytesOf(alsoKeep, signal);
      const next = { content: move.to, bytes: await this.#bytesOf(move.to, signal), attributes: null };
      await driver.prepare(next, back, signal);
      const checks = await checkRound(signal);
      if (!checks.passed)
        return {
          kind: 'prepareFailed',
          code: 'sick-before',
          says: `before anything was changed, ${checks.says}`,
          passing: false,
        };
      await gate(move, signal);
      return found;
    } catch (error) {
      if (error instanceof Unreachable)
        return { kind: 'prepareFailed', code: 'prepare-failed', says: error.message, passing: true };
      if (error instanceof DriverError)
        return { kind: 'prepareFailed', code: error.code, says: error.message, passing: error.passing };
      if (error instanceof AgentDiskError) {
        const code = error.fault === 'disk-full' ? 'disk-full' : 'prepare-failed';
        return { kind: 'prepareFailed', code, says: error.message, passing: false };
      }
      throw error;
    }
  }

  async #apply({ move }: Extract<SlotEffect, { do: 'apply' }>, slot: Slot, signal: AbortSignal): Promise<SlotInput> {
    try {
      await this.#tools.driver.apply(await this.#revisionOf(move.to, slot, signal), move.from, signal);
      return { kind: 'applied' };
    } catch (error) {
      if (error instanceof DriverError)
        return { kind: 'applyFailed', code: error.code, says: error.message, touched: error.touched };
      if (isExpected(error)) return { kind: 'applyFailed', code: 'apply-failed', says: error.message, touched: false };
      throw error;
    } finally {
      this.#inHand.clear();
    }
  }

  async #verify({ move }: Extract<SlotEffect, { do: 'verify' }>, slot: Slot, signal: AbortSignal): Promise<SlotInput> {
    try {
      return {
        kind: 'verified',
        verifiedBy: await this.#tools.driver.verify(await this.#revisionOf(move.to, slot, signal), signal),
      };
    } catch (error) {
      if (isExpected(error)) return { kind: 'verifyFailed', says: error.message };
      throw error;
    }
  }

  async #check(signal: AbortSignal): Promise<SlotInput> {
    const checks = await this.#tools.checkRound(signal);
    return checks.passed ? { kind: 'checksPassed' } : { kind: 'checkFailed', says: checks.says };
  }

  async #revert(
    { revert }: Extract<SlotEffect, { do: 'revert' }>,
    slot: Slot,
    signal: AbortSignal,
  ): Promise<SlotInput> {
    try {
      const { driver, checkRound } = this.#tools;
      const back = await this.#revisionOf(revert.to, slot, signal);
      const by = revertBy(revert);
      const verifiedBy = await driver.undo(back, revert.leaving, signal, by);
      // Back is back. But where there is something left to try, being unwell is a reason to try it, once (law 7).
      if (revert.attempt === 1 && driver.canRestart === true) {
        const checks = await checkRound(signal);
        if (!checks.passed)
          return { kind: 'revertFailed', says: `it is back, shown by ${verifiedBy}, but ${checks.says}` };
      }
      return { kind: 'reverted', verifiedBy };
    } catch (error) {
      if (isExpected(error)) return { kind: 'revertFailed', says: error.message };
      throw error;
    }
  }

  async #tidy(slot: Slot, signal: AbortSignal): Promise<SlotInput> {
    this.#inHand.clear();
    try {
      await this.#tools.driver.tidy(slot.proven ? null : slot.wayBack, this.needed(slot));
      await this.#tools.prune();
    } catch (error) {
      // What is left over does no harm and goes the next time.
      if (!isExpected(error)) throw error;
    }
    return this.#inspect(signal);
  }

  async #revisionOf(content: Content, slot: Slot, signal: AbortSignal): Promise<Revision> {
    const attributes = content === slot.baseline?.content ? slot.baseline.attributes : null;
    return { content, bytes: content === 'absent' ? null : await this.#bytesOf(content, signal), attributes };
  }

  /** From the target's own disk. Going back never needs more than that; the server is asked only for what was never here, or was damaged. */
  async #bytesOf(content: Content, signal: AbortSignal): Promise<Uint8Array> {
    if (content === 'absent') return new Uint8Array();
    const kept = await this.#tools.disk.kept(content);
    if (kept !== null) return kept;
    let bytes: Uint8Array;
    try {
      // A server that takes for ever must not keep the slot from being brought back.
      bytes = await Promise.race([this.#tools.fetch(content), abortOf(signal)]);
    } catch (error) {
      throw new Unreachable(
        `${content} is not on this target and cannot be had from the server now: ${messageOf(error)}`,
      );
    }
    const digest = await this.#tools.disk.keep(bytes);
    if (digest !== content) throw new Unreachable(`the server sent ${digest} when asked for ${content}`);
    return bytes;
  }
}

/** The input for an effect that ended in a way nobody thought of: a bug of ours must not leave a slot where it is. */
export function brokenOff(effect: SlotEffect, error: unknown): SlotInput | null {
  const says = `the agent has a bug: ${messageOf(error)}`;
  switch (effect.do) {
    case 'inspect':
    case 'tidy':
      return null;
    case 'prepare':
      return { kind: 'prepareFailed', code: 'prepare-failed', says, passing: false };
    case 'apply':
      return { kind: 'applyFailed', code: 'apply-failed', says, touched: true };
    case 'verify':
      return { kind: 'verifyFailed', says };
    case 'check':
      return { kind: 'checkFailed', says };
    case 'revert':
      return { kind: 'revertFailed', says };
  }
}

/** Bytes that cannot be had now. */
class Unreachable extends Error {}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const aborted = () => reject(new Error('not wanted any more'));
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
  });
}

function isExpected(error: unknown): error is Error {
  return error instanceof DriverError || error instanceof AgentDiskError || error instanceof Unreachable;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

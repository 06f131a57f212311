import { canonicalJson } from '../../core/kernel/canonicalJson.ts';
import type { Instant } from '../../core/kernel/instant.ts';
import type { Signed } from '../../core/policy/signed.ts';
import type { Claim } from '../../core/record/auditRecord.ts';
import {
  CHECKPOINT_EVENTS,
  CHECKPOINT_MS,
  type Checkpoint,
  checkpointIn,
  membersOf,
  unsignedEvents,
} from '../../core/record/checkpoint.ts';
import type { DomainEvent } from '../../core/record/event.ts';
import type { World } from '../../core/record/world.ts';
import type { StoredEvent } from '../../wire/storedEvent.ts';
import type { CheckpointWitness } from '../ports/checkpointWitness.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Signer } from '../ports/signer.ts';
import { LogAudit, type RecordFault } from './auditLog.ts';
import type { CommandQueue } from './commandQueue.ts';
import { findPresentKey, signWith } from './notary.ts';

/**
 * Signs how the log ends: when {@link CHECKPOINT_EVENTS} events are not signed yet, {@link CHECKPOINT_MS} after the first of them,
 * when keys change, and at a clean end. What the signatures on the record, or the witness outside it, contradict is never signed:
 * a record that was forged while the server was away must not come to be vouched for by starting it.
 */
export class Checkpointer {
  readonly #signer: Signer;
  readonly #witness: CheckpointWitness | null;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #audit: LogAudit;
  #end: { readonly position: number; readonly hash: string } = { position: 0, hash: '' };
  #fault: RecordFault | null = null;
  #queue: CommandQueue | null = null;
  #cancel: (() => void) | null = null;
  #keeping: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(parts: CheckpointerParts, claims: readonly Claim[], fault: RecordFault | null) {
    this.#signer = parts.signer;
    this.#witness = parts.witness;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#audit = new LogAudit(parts.signer, claims);
    this.#fault = fault;
  }

  static async create(parts: CheckpointerParts): Promise<Checkpointer> {
    try {
      return new Checkpointer(parts, await witnessed(parts.witness), null);
    } catch (error) {
      const says = error instanceof Error ? error.message : String(error);
      return new Checkpointer(parts, [], { position: 0, says });
    }
  }

  /** Why nothing is signed: the record is not what was signed before. `null`: it is. */
  get fault(): RecordFault | null {
    return this.#fault;
  }

  /** Everything that the log has at the start, in order. */
  replay(events: readonly StoredEvent[]): void {
    this.#audit.take(events);
  }

  /** After the last `replay`, before anything is appended. Rejects when the witness cannot be told that a server is at work again. */
  async open(queue: CommandQueue): Promise<void> {
    this.#queue = queue;
    this.#end = this.#audit.end;
    const fault = this.#fault ?? this.#audit.fault();
    if (fault !== null) this.#found(fault);
    else if (queue.world.checkpoint !== null) {
      await this.#witness?.keep(kept(queue.world.checkpoint, false));
    }
    queue.onAppend((events, world) => this.#appended(events, world));
    if (unsignedEvents(queue.world) > 0) this.#signSoon();
  }

  /** What is appended before anything else, to a log that ends where `world` does. `asked`: whether or not it is time. */
  due(world: World, asked: boolean, now: Instant): readonly DomainEvent[] {
    const unsigned = unsignedEvents(world);
    if (this.#fault !== null || unsigned === 0 || this.#end.position !== world.position) return [];
    if (!asked && unsigned < CHECKPOINT_EVENTS) return [];
    const key = findPresentKey(world, this.#signer);
    if (key === null) return [];
    const document: Checkpoint = { kind: 'checkpoint', ...this.#end, at: now };
    return [{ type: 'CheckpointSigned', data: { checkpoint: signWith(this.#signer, key, document) } }];
  }

  /** Signs what is not signed yet. Never rejects: what cannot be signed now is signed later. */
  async sign(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    try {
      await this.#queue?.submit('engine', { type: 'checkpoint' });
    } catch (error) {
      this.#logger.warn('the end of the log could not be signed', { error: String(error) });
      this.#signSoon();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.sign();
    this.#cancel?.();
    if (this.#queue !== null && (await this.#isLast(this.#queue))) this.#keep(this.#queue.world.checkpoint, true);
    await this.#keeping;
  }

  /** Whether the log ends with our checkpoint, and nobody else is at work on it. */
  async #isLast(queue: CommandQueue): Promise<boolean> {
    if (this.#fault !== null || unsignedEvents(queue.world) > 0) return false;
    try {
      await queue.look();
      return !queue.isOvertaken;
    } catch {
      return false;
    }
  }

  #appended(events: readonly StoredEvent[], world: World): void {
    this.#noticeRewriting(events[0]);
    const last = events.at(-1);
    if (last !== undefined) this.#end = { position: last.position, hash: last.hash };
    if (events.some(({ type }) => type === 'CheckpointSigned')) this.#keep(world.checkpoint, false);
    if (unsignedEvents(world) === 0) {
      this.#cancel?.();
      this.#cancel = null;
    } else if (world.checkpoint !== null && events.some(({ type }) => type.startsWith('SigningKey'))) {
      // By the key that is signed with from here on: what an old one signed before is vouched for by the new one as well.
      void this.sign();
    } else {
      this.#signSoon();
    }
  }

  /** The append was fenced by its position; the hash it was chained to says whether what stands there is what we left there. */
  #noticeRewriting(first: StoredEvent | undefined): void {
    const { position, hash } = this.#end;
    if (this.#fault !== null || first?.position !== position + 1 || first.previousHash === hash) return;
    const says = `event ${position} had the hash ${hash} when this server appended it, and has ${first.previousHash} now: what stands up to there was rewritten while it ran`;
    this.#found({ position, says });
    void this.#halt();
  }

  #found(fault: RecordFault): void {
    this.#fault = fault;
    const { position, says } = fault;
    const meaning = 'Nothing more is signed until that is settled';
    this.#logger.error(`the record is not what was signed: ${says}. ${meaning}`, { position });
  }

  async #halt(): Promise<void> {
    try {
      if (this.#queue !== null) await haltOnFault(this.#queue, this);
    } catch (error) {
      this.#logger.error('the line could not be halted', { error: String(error) });
    }
  }

  #signSoon(): void {
    if (this.#cancel !== null || this.#closed || this.#fault !== null) return;
    this.#cancel = this.#clock.after(CHECKPOINT_MS, () => void this.sign());
  }

  #keep(checkpoint: Signed<Checkpoint> | null, closed: boolean): void {
    if (this.#witness === null || checkpoint === null) return;
    const { keep } = this.#witness;
    this.#keeping = this.#keeping
      .then(() => keep(kept(checkpoint, closed)))
      .catch((error) =>
        this.#logger.warn('the newest checkpoint could not be kept outside the record', { error: String(error) }),
      );
  }
}

export interface CheckpointerParts {
  readonly signer: Signer;
  readonly witness: CheckpointWitness | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Nothing goes forward on a record that is not what was signed, until a person has looked and lifts it. Going back stays free. */
export async function haltOnFault(queue: CommandQueue, { fault }: Checkpointer): Promise<void> {
  if (fault === null || queue.world.halted !== null) return;
  const reason = `the record is not what was signed: ${fault.says}`;
  await queue.submit('engine', { type: 'halt', reason });
}

/** What a witness has to say of a record. Rejects when what it kept cannot be read. */
export async function witnessed(witness: CheckpointWitness | null): Promise<readonly Claim[]> {
  const text = (await witness?.load()) ?? null;
  if (text === null) return [];
  const found = parsed(text);
  const checkpoint = checkpointIn(found);
  if (checkpoint === null) throw new Error('the checkpoint that is kept beside the signing keys cannot be read');
  const { position, hash, at } = checkpoint.document;
  const says = `the checkpoint kept beside the signing keys, signed at ${new Date(at).toISOString()},`;
  return [{ position, hash, says, closed: membersOf(found).closed === true }];
}

/** `closed`: nothing is appended behind it until a server opens the log again. */
function kept(checkpoint: Signed<Checkpoint>, closed: boolean): string {
  return `${canonicalJson({ ...checkpoint, closed })}\n`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

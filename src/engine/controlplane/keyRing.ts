import type { Refusal } from '../../core/kernel/refusal.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { KeyAnnouncement, KeyRetirement, PublicKey } from '../../core/policy/signed.ts';
import type { RecordedKey } from '../../core/record/world.ts';
import type { Logger } from '../ports/logger.ts';
import { Refused } from '../ports/refused.ts';
import type { Signer } from '../ports/signer.ts';
import type { CommandQueue } from './commandQueue.ts';
import { presentKey, signWith } from './notary.ts';

/** Brings the signing keys that are held and the keys that are on the record together, and turns them over. */
export class KeyRing {
  readonly #queue: CommandQueue;
  readonly #signer: Signer;
  readonly #logger: Logger;

  constructor(queue: CommandQueue, signer: Signer, logger: Logger) {
    this.#queue = queue;
    this.#signer = signer;
    this.#logger = logger;
  }

  /**
   * At the start: the first key of all is made, and keys that are held but not on the record (the server ended between the two)
   * are put there. Where the record has keys and none of them is held, a new one is made that nothing vouches for: agents refuse
   * what it signs until they are told to trust it.
   */
  async open(): Promise<void> {
    const known = this.#queue.world.keys;
    if (this.#signer.keys.length === 0) await this.#signer.makeKey();
    for (const key of this.#signer.keys) if (!known.has(key.id)) await this.#add('engine', key);
    const held = this.#signer.keys.some(({ id }) => this.#queue.world.keys.get(id)?.retirement === null);
    if (!held) await this.#add('engine', await this.#signer.makeKey());
    const present = presentKey(this.#queue.world, this.#signer);
    if (known.size > 0 && this.#queue.world.keys.get(present)?.announcement === null && !known.has(present)) {
      this.#logger.error(
        `the signing keys that the record names are not in the data directory; signing with the new key ${present}. ` +
          `Agents refuse it until their files name it (trust.keys): put the old files back, or pin the new key`,
        { key: present },
      );
    }
  }

  async rotate(actor: string): Promise<RecordedKey> {
    return this.#add(actor, await this.#signer.makeKey());
  }

  async retire(actor: string, id: string): Promise<Result<RecordedKey, Refusal>> {
    const document: KeyRetirement = { kind: 'key-retired', key: id };
    const retirement = signWith(this.#signer, presentKey(this.#queue.world, this.#signer), document);
    const outcome = await this.#queue.submit(actor, { type: 'retireKey', id, retirement });
    if (outcome.ok) return ok(this.#recorded(id));
    const [refusal] = outcome.error;
    if (refusal === undefined) throw new Error('invariant broken: a refusal without a reason');
    return err(refusal);
  }

  /** Announced by the key that is signed with at present, where there is one. */
  async #add(actor: string, key: PublicKey): Promise<RecordedKey> {
    const { world } = this.#queue;
    const held = new Set(this.#signer.keys.map(({ id }) => id));
    const voucher = [...world.keys.values()].findLast((each) => each.retirement === null && held.has(each.id));
    const document: KeyAnnouncement = { kind: 'key', publicKey: key.publicKey };
    const announcement = voucher === undefined ? null : signWith(this.#signer, voucher.id, document);
    const outcome = await this.#queue.submit(actor, { type: 'addKey', key, announcement });
    if (!outcome.ok) throw new Refused(outcome.error);
    return this.#recorded(key.id);
  }

  #recorded(id: string): RecordedKey {
    const key = this.#queue.world.keys.get(id);
    if (key === undefined) throw new Error(`invariant broken: signing key ${id} is not in the world its event made`);
    return key;
  }
}

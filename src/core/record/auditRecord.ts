import type { Instant } from '../kernel/instant.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Signed } from '../policy/signed.ts';
import type { SignatureCheck } from '../policy/trust.ts';
import { type Checkpoint, checkpointIn, membersOf } from './checkpoint.ts';

/** An event whose place in the chain was checked before. What it says is not believed yet. */
export interface ChainedEvent {
  readonly position: number;
  readonly at: Instant;
  readonly type: string;
  readonly data: unknown;
  readonly previousHash: string;
  readonly hash: string;
}

/** What somebody outside the log knows of it: at this position it had this hash. */
export interface Claim {
  readonly position: number;
  readonly hash: string;
  /** Whose word it is: `a copy that was signed at …`. */
  readonly says: string;
  /** The log ended with the checkpoint right behind it, and nobody was there to append to it since. */
  readonly closed?: boolean;
}

export interface RecordAudit {
  readonly keys: ReadonlyMap<string, AuditedKey>;
  /** How many checkpoints were found to be right. */
  readonly checkpoints: number;
  readonly newest: Signed<Checkpoint> | null;
}

export interface AuditedKey {
  readonly publicKey: string;
  /** Position of its event. */
  readonly addedBy: number;
  /** False: it was added when there were others, and none of them vouches for it. */
  readonly vouched: boolean;
  readonly retired: boolean;
}

export const EMPTY_AUDIT: RecordAudit = { keys: new Map(), checkpoints: 0, newest: null };

/**
 * Judges the record by its signatures, event by event, in order: that keys come and go on the word of a key that was in use, and
 * that every checkpoint is of the event right before it and signed by such a key. Who computes the chain anew without a key
 * cannot make a checkpoint that fits, and cannot leave one out without every later one. An error says what is wrong.
 */
export function auditEvent(
  audit: RecordAudit,
  event: ChainedEvent,
  check: SignatureCheck,
): Result<RecordAudit, string> {
  switch (event.type) {
    case 'SigningKeyAdded':
      return auditAddition(audit, event, check);
    case 'SigningKeyRetired':
      return auditRetirement(audit, event, check);
    case 'CheckpointSigned':
      return auditCheckpoint(audit, event, check);
    default:
      return ok(audit);
  }
}

/** What an event says against a claim; `null` when it is about another one, or bears it out. */
export function contradicts({ position, hash }: ChainedEvent, claim: Claim): string | null {
  if (position !== claim.position || hash === claim.hash) return null;
  return `event ${position} has the hash ${hash}, but ${claim.says} has ${claim.hash} for it: what stands up to there was rewritten since`;
}

/** What a log that ends at `head` says against a claim, with the event where it begins; `null`: nothing. */
export function endsElsewhere(head: number, claim: Claim): { readonly position: number; readonly says: string } | null {
  const { position, closed } = claim;
  if (head < position) {
    const says = `the log ends with event ${head}, but ${claim.says} is of event ${position}: the end was cut off, or an older copy was put in its place`;
    return { position: head + 1, says };
  }
  if (closed !== true || head === position + 1) return null;
  const says = `the log ends with event ${head}, but with ${claim.says} it was closed at event ${position + 1}: `;
  return head > position + 1
    ? { position: position + 2, says: `${says}what comes after was put in while no server ran` }
    : { position: position + 1, says: `${says}the end was cut off` };
}

function auditAddition(audit: RecordAudit, event: ChainedEvent, check: SignatureCheck): Result<RecordAudit, string> {
  const { key, announcement } = membersOf(event.data);
  const { id, publicKey } = membersOf(key);
  if (typeof id !== 'string' || typeof publicKey !== 'string' || check.keyId(publicKey) !== id)
    return err(`event ${event.position} adds a signing key whose id is not that of its public key`);
  const vouched = announcement !== null || [...audit.keys.values()].every(({ retired }) => retired);
  if (announcement !== null) {
    const { document } = membersOf(announcement);
    const { kind, publicKey: announced } = membersOf(document);
    const fault = faultOf(audit, announcement, check);
    if (kind !== 'key' || announced !== publicKey || fault !== null)
      return err(
        `event ${event.position} adds signing key ${id} with an announcement that ${fault ?? 'is of another key'}`,
      );
  }
  return ok(withKey(audit, id, { publicKey, addedBy: event.position, vouched, retired: false }));
}

function auditRetirement(audit: RecordAudit, event: ChainedEvent, check: SignatureCheck): Result<RecordAudit, string> {
  const { id, retirement } = membersOf(event.data);
  const key = typeof id === 'string' ? audit.keys.get(id) : undefined;
  if (typeof id !== 'string' || key === undefined)
    return err(`event ${event.position} retires a signing key that is not on the record before it`);
  const { kind, key: retired } = membersOf(membersOf(retirement).document);
  const fault = faultOf(audit, retirement, check);
  if (kind !== 'key-retired' || retired !== id || fault !== null)
    return err(
      `event ${event.position} retires signing key ${id} by a statement that ${fault ?? 'is about another key'}`,
    );
  return ok(withKey(audit, id, { ...key, retired: true }));
}

function auditCheckpoint(audit: RecordAudit, event: ChainedEvent, check: SignatureCheck): Result<RecordAudit, string> {
  const { position, previousHash } = event;
  const signed = checkpointIn(membersOf(event.data).checkpoint);
  if (signed === null) return err(`event ${position} is a checkpoint that cannot be read`);
  const fault = faultOf(audit, signed, check);
  if (fault !== null) return err(`event ${position} is a checkpoint that ${fault}`);
  const { document } = signed;
  if (document.position !== position - 1)
    return err(`event ${position} is a checkpoint of event ${document.position}, not of the one right before it`);
  if (document.hash !== previousHash) {
    const says = `a checkpoint signed with key ${signed.key}, which says that event ${document.position} had the hash ${document.hash}`;
    return err(
      `event ${position} is ${says}; it has ${previousHash}: what stands before was rewritten after it was signed`,
    );
  }
  return ok({ ...audit, checkpoints: audit.checkpoints + 1, newest: signed });
}

/** Why a signed statement counts for nothing at this point of the record; `null`: it counts. */
function faultOf({ keys }: RecordAudit, signed: unknown, check: SignatureCheck): string | null {
  const { document, key: id, signature } = membersOf(signed);
  if (typeof id !== 'string' || typeof signature !== 'string') return 'is not signed';
  const key = keys.get(id);
  if (key === undefined) return `is signed with key ${id}, which is not on the record before it`;
  if (key.retired) return `is signed with key ${id}, which was retired before`;
  return check.verify(key.publicKey, document, signature) ? null : `key ${id} has not signed`;
}

function withKey(audit: RecordAudit, id: string, key: AuditedKey): RecordAudit {
  return { ...audit, keys: new Map(audit.keys).set(id, key) };
}

import type { Claim } from '../../core/record/auditRecord.ts';
import type { CheckpointWitness } from '../ports/checkpointWitness.ts';
import type { LogVerification } from '../ports/controlPlane.ts';
import type { Verifier } from '../ports/signer.ts';
import { type Store, StoreError } from '../ports/store.ts';
import { LogAudit, type RecordFault } from './auditLog.ts';
import { witnessed } from './checkpointer.ts';

/** How many events are looked at before anything else gets a turn. */
const PAGE = 500;

/** What a record is held against. */
export interface VerifyParts {
  readonly log: Pick<Store, 'read' | 'verify'>;
  readonly verifier: Verifier;
  /** Ids of the keys that are held where the record is. */
  readonly held: ReadonlySet<string>;
  readonly witness: CheckpointWitness | null;
  /** A checkpoint that somebody kept elsewhere. */
  readonly given: Claim | null;
  /** What a running server has noticed by itself. */
  readonly noticed: RecordFault | null;
}

/** Recomputes every hash, checks every checkpoint and every change of keys, and compares with what is known outside the record. */
export async function verifyRecord(parts: VerifyParts): Promise<LogVerification> {
  const { log, verifier, held, witness, given, noticed } = parts;
  let kept: readonly Claim[];
  try {
    kept = await witnessed(witness);
  } catch (error) {
    return { outcome: 'broken', position: 0, says: error instanceof Error ? error.message : String(error) };
  }
  const audit = new LogAudit(verifier, given === null ? kept : [...kept, given]);
  try {
    for (let page = await log.read(0, PAGE); page.length > 0; page = await log.read(audit.end.position, PAGE))
      audit.take(page);
  } catch (error) {
    if (!(error instanceof StoreError) || error.fault !== 'corrupt') throw error;
    const chain = await log.verify();
    if (chain.outcome === 'broken') return chain;
    throw error;
  }
  const fault = audit.fault() ?? noticed;
  if (fault !== null) return { outcome: 'broken', ...fault };
  const { keys, checkpoints, newest } = audit.audit;
  return {
    outcome: 'intact',
    head: audit.end.position,
    hash: audit.end.hash,
    checkpoints,
    signed: newest === null ? null : { ...newest.document, key: newest.key, held: held.has(newest.key) },
    kept: kept[0]?.position ?? null,
    unvouched: [...keys].filter(([, key]) => !key.vouched).map(([id]) => id),
  };
}

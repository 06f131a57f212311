import { canonicalJson } from '../../core/kernel/canonicalJson.ts';
import type { SignatureCheck } from '../../core/policy/trust.ts';
import {
  auditEvent,
  type ChainedEvent,
  type Claim,
  contradicts,
  EMPTY_AUDIT,
  endsElsewhere,
  type RecordAudit,
} from '../../core/record/auditRecord.ts';
import type { Verifier } from '../ports/signer.ts';

/** What is wrong with a record, and from which event on. */
export interface RecordFault {
  readonly position: number;
  readonly says: string;
}

/** Judges a record page by page, as it is read for the first time or for an audit. What comes first of what is wrong is kept. */
export class LogAudit {
  readonly #check: SignatureCheck;
  readonly #claims: readonly Claim[];
  #audit: RecordAudit = EMPTY_AUDIT;
  #fault: RecordFault | null = null;
  #end = { position: 0, hash: '0'.repeat(64) };

  constructor(verifier: Verifier, claims: readonly Claim[]) {
    this.#check = signatureCheck(verifier);
    this.#claims = claims;
  }

  /** What was found, as far as it was read. */
  get audit(): RecordAudit {
    return this.#audit;
  }

  /** The last event that was read. */
  get end(): { readonly position: number; readonly hash: string } {
    return this.#end;
  }

  /** Events in order, without gaps, whose chain was checked. */
  take(events: readonly ChainedEvent[]): void {
    for (const event of events) {
      this.#end = { position: event.position, hash: event.hash };
      if (this.#fault !== null) continue;
      const audited = auditEvent(this.#audit, event, this.#check);
      if (audited.ok) this.#audit = audited.value;
      const claimed = this.#claims.map((claim) => contradicts(event, claim)).find((says) => says !== null);
      const says = audited.ok ? claimed : audited.error;
      if (says !== undefined) this.#fault = { position: event.position, says };
    }
  }

  /** What is wrong, once everything was read. */
  fault(): RecordFault | null {
    if (this.#fault !== null) return this.#fault;
    return this.#claims.map((claim) => endsElsewhere(this.#end.position, claim)).find((end) => end !== null) ?? null;
  }
}

function signatureCheck(verifier: Verifier): SignatureCheck {
  return {
    verify: (publicKey, document, signature) =>
      verifier.verify(publicKey, Buffer.from(canonicalJson(document)), signature),
    keyId: verifier.keyId,
  };
}

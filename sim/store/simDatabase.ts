import { EMPTY_LOG, type EventRow, type LogEnd } from '../../src/adapters/store/hashChain.ts';
import type { Digest } from '../../src/core/kernel/digest.ts';
import type { JudgedWindow, MeasuredWindow, PastPart } from '../../src/engine/ports/store.ts';

/** What is on the disk of a control plane: everything that outlives its process. Plain data; only what got here is durable. */
export class SimDatabase {
  readonly rows: EventRow[] = [];
  end: LogEnd = EMPTY_LOG;
  readonly artifacts = new Map<Digest, Uint8Array>();
  readonly cursors = new Map<string, number>();
  readonly windows: MeasuredWindow[] = [];
  readonly judged: JudgedWindow[] = [];
  /** By service and name. */
  readonly past = new Map<string, PastPart>();
  /** Seeds of signing keys, which lie beside the record. */
  readonly signingSeeds: Uint8Array[] = [];
  /** Every write is refused while it is. */
  full = false;
}

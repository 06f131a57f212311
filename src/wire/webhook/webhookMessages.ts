import { z } from 'zod';
import { type Digest, isDigest } from '../../core/kernel/digest.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';

/*
 * What we and a system that rolls out by itself say to each other. We send Standard Webhooks; the system answers each with how it stands.
 * An operation is called by its `webhook-id`, follows the one before it, and is taken once: so whatever is repeated, late or lost does no harm.
 */

export const WEBHOOK_TYPES = {
  status: 'ringfence.status',
  check: 'ringfence.check',
  apply: 'ringfence.apply',
  undo: 'ringfence.undo',
} as const;
export type WebhookVerb = keyof typeof WEBHOOK_TYPES;

/** Sent back to us, signed the same way, when an operation is over. It says that it is worth asking, and nothing that is believed. */
export const FINISHED_TYPE = 'ringfence.finished';

export interface WebhookMessage {
  readonly type: (typeof WEBHOOK_TYPES)[WebhookVerb];
  /** ISO 8601. */
  readonly timestamp: string;
  readonly data: {
    readonly target: {
      readonly name: string;
      readonly service: string;
      readonly role: string;
      readonly labels: Readonly<Record<string, string>>;
    };
    /** Of `apply` and `undo`: the operation that this one follows, and none other; null: the first of all. */
    readonly follows?: string | null;
    /** What is to be held; null: what was there before the first `apply`. */
    readonly revision?: Digest | null;
    /** Its bytes, where they are text. */
    readonly content?: string;
    /** Its bytes, where they are not. */
    readonly base64?: string;
    /** Where to say that the operation is over. */
    readonly callback?: string;
    /** Of `status`: the bytes of the revision are wanted too. */
    readonly wantsContent?: boolean;
  };
}

/** How the system stands. */
export interface WebhookStatus {
  /** What is in force; null: what was there before the first `apply`. */
  readonly revision: Digest | null;
  /** The newest operation that was taken; null: none was. */
  readonly operation: WebhookOperation | null;
  /** Of `revision`, where they were asked for. */
  readonly content: Uint8Array | null;
}

export interface WebhookOperation {
  readonly id: string;
  readonly state: 'running' | 'done' | 'failed';
  /** What is worth knowing, such as the last line of what a job wrote. */
  readonly says: string;
}

const digest = z.string().refine(isDigest);
const status = z.object({
  revision: digest.nullable(),
  operation: z
    .object({
      id: z.string().min(1).max(256),
      state: z.enum(['running', 'done', 'failed']),
      says: z.string().default(''),
    })
    .nullable(),
  content: z.string().optional(),
  base64: z.base64().optional(),
});

/** Reads an answer. Members that are not known are passed over. */
export function readWebhookStatus(body: Uint8Array): Result<WebhookStatus, string> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return err('the answer is not JSON');
  }
  const read = status.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    return err(`the answer's ${issue?.path.join('.') || 'whole'} is not as expected: ${issue?.message}`);
  }
  const { revision, operation, content, base64 } = read.data;
  const bytes = content === undefined ? base64 && Buffer.from(base64, 'base64') : Buffer.from(content);
  const shown = operation && { ...operation, says: operation.says.slice(0, 500) };
  return ok({ revision: revision as Digest | null, operation: shown, content: bytes || null });
}

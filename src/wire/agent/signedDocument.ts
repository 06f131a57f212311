import { z } from 'zod';
import type { VerdictOutcome } from '../../core/analysis/verdict.ts';
import { canonicalJson } from '../../core/kernel/canonicalJson.ts';
import { type Digest, isDigest } from '../../core/kernel/digest.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { Permit, StageEvidence } from '../../core/policy/permit.ts';
import type { KeyAnnouncement, KeyRetirement, Signed } from '../../core/policy/signed.ts';

// What the control plane signs, as it is read by those who check the signature. Strict: a document with a member too many, or
// spelt in another way, is not the one that this version knows.

const OUTCOMES = ['pass', 'fail', 'inconclusive', 'no-data', 'error'] as const satisfies readonly VerdictOutcome[];

const name = z.string().min(1).max(256);
const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'expected a SHA-256 digest');
const count = z.int().min(0);
const keyId = z.string().regex(/^[0-9a-f]{16}$/);

const evidence: z.ZodType<StageEvidence> = z.strictObject({
  kind: z.literal('evidence'),
  service: name,
  role: name,
  change: digest,
  rollout: name,
  stage: name,
  index: count,
  outcome: z.enum(OUTCOMES),
  checks: z.array(z.strictObject({ check: name, outcome: z.enum(OUTCOMES), says: z.string() })),
  rehearsedAt: count.nullable(),
  exposure: z.number(),
  issued: count,
  expires: count,
});

const signedEvidence: z.ZodType<Signed<StageEvidence>> = z.strictObject({
  document: evidence,
  key: keyId,
  signature: z.string().regex(/^[0-9a-f]{128}$/),
});

export const permit: z.ZodType<Permit> = z.strictObject({
  kind: z.literal('permit'),
  service: name,
  role: name,
  rollout: name,
  change: digest,
  slots: z.record(name, digest),
  stage: z.strictObject({ name, index: count, opened: count }).nullable(),
  openings: z
    .array(
      z.strictObject({ stage: name, targets: z.record(name, z.array(z.string())), below: z.number().min(0).max(1) }),
    )
    .max(64),
  generation: count,
  issued: count,
  expires: count.nullable(),
  evidence: z.array(signedEvidence).max(64),
});

export const keyAnnouncement: z.ZodType<KeyAnnouncement> = z.strictObject({
  kind: z.literal('key'),
  publicKey: z.string().regex(/^[0-9a-f]{64}$/),
});

export const keyRetirement: z.ZodType<KeyRetirement> = z.strictObject({ kind: z.literal('key-retired'), key: keyId });

/**
 * Reads the bytes of a signed document. They are the canonical JSON of what comes back, so a signature over the one is a signature
 * over the other: no two spellings share a signature.
 */
export function readDocument<T>(bytes: Uint8Array, schema: z.ZodType<T>): Result<T, string> {
  let value: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    return err('it is not JSON in UTF-8');
  }
  const read = schema.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    return err(`${issue?.path.join('.') || 'the document'}: ${issue?.message}`);
  }
  // The schemas are strict and change nothing, so what was read is what was sent, member by member.
  return canonicalJson(value) === text ? ok(value as T) : err('it is not canonical JSON');
}

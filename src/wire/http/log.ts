import { z } from 'zod';
import { operation, READ, STORE_PROBLEMS } from './operation.ts';
import { count, instant, named } from './schema.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * An event of the log. `hash` is SHA-256 over `previousHash` and the canonical JSON of `{position, stream, type, at, actor, data}`,
 * where `at` is the whole number of milliseconds since 1970 of the `at` given here.
 */
export const eventBody = named(
  'Event',
  z.object({
    position: z.int().positive(),
    stream: z.string(),
    type: z.string(),
    at: instant,
    actor: z.string(),
    data: z.record(z.string(), z.unknown()),
    previousHash: hash,
    hash,
  }),
);
export type EventBody = z.infer<typeof eventBody>;

export const logQuery = z.strictObject({
  after: z.coerce.number().int().nonnegative().default(0).describe('position after which to begin'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** `head` is the position of the last event: there is more while the last item's position is below it. */
export const logPage = named('LogPage', z.object({ items: z.array(eventBody), head: count }));
export type LogPage = z.infer<typeof logPage>;

const checkpointFields = z.object({ position: count, hash, at: instant, key: z.string() });

/** A checkpoint as it is kept elsewhere: what was signed, with which key, and the signature over the canonical JSON of `document`. */
export const checkpointBody = named(
  'Checkpoint',
  z.object({
    document: z.object({
      kind: z.literal('checkpoint'),
      position: count,
      hash,
      at: count.describe('milliseconds since 1970'),
    }),
    key: z.string(),
    publicKey: z.string().describe('Ed25519, hexadecimal'),
    signature: z.string(),
  }),
);
export type CheckpointBody = z.infer<typeof checkpointBody>;

export const verificationQuery = z
  .strictObject({
    position: z.coerce.number().int().positive().optional().describe('of a checkpoint that was kept elsewhere'),
    hash: hash.optional().describe('that it has for this position'),
  })
  .refine(({ position, hash: given }) => (position === undefined) === (given === undefined), {
    error: 'position and hash go together',
  });

export const logVerification = named(
  'LogVerification',
  z.discriminatedUnion('outcome', [
    z.object({
      outcome: z.literal('intact'),
      head: count,
      hash: z.string(),
      checkpoints: count.describe('how many there are: every one fits the chain and its signature'),
      signed: checkpointFields
        .extend({ held: z.boolean().describe('whether this server has the key') })
        .nullable()
        .describe('the newest checkpoint; what stands up to its position is as it was when that was signed'),
      kept: count
        .nullable()
        .describe('position of the checkpoint kept beside the signing keys, which the log was compared with'),
      unvouched: z
        .array(z.string())
        .describe('signing keys that came when there were others, none of which vouches for them'),
    }),
    z.object({ outcome: z.literal('broken'), position: count, says: z.string() }),
  ]),
);
export type LogVerificationBody = z.infer<typeof logVerification>;

export const readLog = operation({
  id: 'readLog',
  method: 'GET',
  path: '/v1/log',
  tag: 'log',
  summary: 'Events of the log after a position, oldest first',
  access: READ,
  query: logQuery,
  answers: { 200: { says: 'Events in order, without gaps.', schema: logPage } },
  problems: STORE_PROBLEMS,
});

export const verifyLog = operation({
  id: 'verifyLog',
  method: 'GET',
  path: '/v1/log/verification',
  tag: 'log',
  summary: 'Recompute the hash of every event and check every checkpoint; compare with one that was kept elsewhere',
  access: READ,
  query: verificationQuery,
  answers: {
    200: { says: 'Whether the record is whole and as it was signed, or where it is not.', schema: logVerification },
  },
  problems: STORE_PROBLEMS,
});

export const getCheckpoint = operation({
  id: 'getCheckpoint',
  method: 'GET',
  path: '/v1/log/checkpoint',
  tag: 'log',
  summary: 'The newest checkpoint: to be kept where whoever changes the record cannot change it',
  access: READ,
  answers: { 200: { says: 'What was signed.', schema: checkpointBody } },
  problems: ['no-checkpoint'],
});

export const signCheckpoint = operation({
  id: 'signCheckpoint',
  method: 'POST',
  path: '/v1/log/checkpoint',
  tag: 'log',
  summary: 'Sign how the log ends now, if that is not signed yet',
  access: 'secure',
  answers: { 200: { says: 'The newest checkpoint.', schema: checkpointBody } },
  problems: ['no-checkpoint', ...STORE_PROBLEMS],
});

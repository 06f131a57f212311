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

export const logVerification = named(
  'LogVerification',
  z.discriminatedUnion('outcome', [
    z.object({ outcome: z.literal('intact'), head: count, hash: z.string() }),
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
  summary: 'Recompute the hash of every event',
  access: READ,
  answers: { 200: { says: 'Whether the chain is whole, or where it breaks.', schema: logVerification } },
  problems: STORE_PROBLEMS,
});

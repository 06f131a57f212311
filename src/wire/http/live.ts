import { z } from 'zod';
import { named } from './schema.ts';

/**
 * `GET /v1/events`, as server-sent events:
 *
 * - `event: appended`, `id:` the position, `data:` an Event: each event of the log, in order, none left out;
 * - `event: rollout`, no id, `data:` a RolloutView: how a rollout stands, at most 4 a second each and only when it changed.
 *
 * Resume with `Last-Event-ID` (browsers do it by themselves) or `?after=`; without either it begins with what is appended next.
 */
export const LIVE_EVENTS = ['appended', 'rollout'] as const;

export const liveQuery = z.strictObject({
  after: z.coerce
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe('position after which to begin; Last-Event-ID goes before it'),
});

export const liveStream = named('LiveEvents', z.string().describe('a stream of server-sent events'));

import { z } from 'zod';
import { operation, READ, STORE_PROBLEMS } from './operation.ts';
import { named } from './schema.ts';

/**
 * `GET /v1/events`, as server-sent events:
 *
 * - `event: appended`, `id:` the position, `data:` an Event: each event of the log, in order, none left out;
 * - `event: rollout`, no id, `data:` a RolloutView: how a rollout stands, at most 4 a second each and only when it changed;
 * - `event: fleet`, no id, `data:` a FleetChange, for whoever asks with `?fleet=`: how every target stands, then what changes.
 *
 * Resume with `Last-Event-ID` (browsers do it by themselves) or `?after=`; without either it begins with what is appended next.
 */
export const LIVE_EVENTS = ['appended', 'rollout', 'fleet'] as const;

export const liveQuery = z.strictObject({
  after: z.coerce
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe('position after which to begin; Last-Event-ID goes before it'),
  fleet: z
    .string()
    .max(128)
    .optional()
    .describe('to hear how targets stand: empty for all of them at first, or the `cursor` of what was heard last'),
});

export const liveStream = named('LiveEvents', z.string().describe('a stream of server-sent events'));

export const followEvents = operation({
  id: 'followEvents',
  method: 'GET',
  path: '/v1/events',
  tag: 'log',
  summary: 'Follow the log and the running rollouts live, as server-sent events',
  access: READ,
  query: liveQuery,
  answers: {
    200: {
      says:
        'A stream. `event: appended` carries an Event, with its position as `id`; `event: rollout` carries a RolloutView, `event: fleet` a FleetChange. ' +
        'Resume with `Last-Event-ID`. A comment comes now and then to show that the connection lives.',
      schema: liveStream,
      mediaType: 'text/event-stream',
    },
  },
  problems: ['too-many-streams', ...STORE_PROBLEMS],
});

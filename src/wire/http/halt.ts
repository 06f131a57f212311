import { z } from 'zod';
import { operation, READ, STORE_PROBLEMS } from './operation.ts';
import { reasonRequest } from './rollout.ts';
import { instant, named } from './schema.ts';

/** Whether the line is stopped, fleet-wide, and by whom. Nothing moves forward while it is; rollbacks do. */
export const haltBody = named(
  'Halt',
  z.object({ halt: z.object({ by: z.string(), reason: z.string(), at: instant }).nullable() }),
);
export type HaltBody = z.infer<typeof haltBody>;

export const getHalt = operation({
  id: 'getHalt',
  method: 'GET',
  path: '/v1/halt',
  tag: 'halt',
  summary: 'Whether the line is stopped',
  access: READ,
  answers: { 200: { says: 'Whether it is, by whom and why.', schema: haltBody } },
  problems: [],
});

export const haltLine = operation({
  id: 'haltLine',
  method: 'PUT',
  path: '/v1/halt',
  tag: 'halt',
  summary: 'Stop the line: nothing moves forward anywhere until it is lifted',
  access: 'stop',
  body: reasonRequest,
  answers: { 200: { says: 'The line is stopped.', schema: haltBody } },
  problems: ['malformed', 'line-halted', 'not-possible-now', ...STORE_PROBLEMS],
});

export const liftHalt = operation({
  id: 'liftHalt',
  method: 'DELETE',
  path: '/v1/halt',
  tag: 'halt',
  summary: 'Lift the halt',
  access: 'goOn',
  query: z.strictObject({ reason: reasonRequest.shape.reason.optional().describe('why, for the record') }),
  answers: { 200: { says: 'The line is open.', schema: haltBody } },
  problems: ['not-possible-now', ...STORE_PROBLEMS],
});

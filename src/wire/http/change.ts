import { z } from 'zod';
import { irreversibleBody } from './approval.ts';
import { operation, READ } from './operation.ts';
import { digest, digestParams, instant, named, pageOf, pageQuery } from './schema.ts';

export const changeBody = named(
  'Change',
  z.object({
    digest,
    name: z.string(),
    service: z.string(),
    roles: z.array(z.string()),
    slots: z.record(z.string(), digest).describe('the artifact each slot is to hold'),
    labels: z
      .record(z.string(), z.array(z.string()))
      .optional()
      .describe('by slot: labels without which a target cannot hold it'),
    newPath: z.string().optional().describe('the metric that alone counts as exposure'),
    reason: z.string(),
    irreversible: irreversibleBody.optional(),
    author: z.string(),
    quarantine: z
      .object({ rollout: z.string(), says: z.string(), at: instant })
      .nullable()
      .describe('why nothing brings this change back by itself'),
  }),
);
export type ChangeBody = z.infer<typeof changeBody>;

export const changePage = pageOf('ChangePage', changeBody);
export type ChangePage = z.infer<typeof changePage>;

export const changeQuery = z.strictObject({
  ...pageQuery.shape,
  service: z.string().optional(),
  name: z.string().optional(),
});

export const listChanges = operation({
  id: 'listChanges',
  method: 'GET',
  path: '/v1/changes',
  tag: 'changes',
  summary: 'Changes, newest first',
  access: READ,
  query: changeQuery,
  answers: { 200: { says: 'One page of changes.', schema: changePage } },
  problems: [],
});

export const getChange = operation({
  id: 'getChange',
  method: 'GET',
  path: '/v1/changes/:digest',
  tag: 'changes',
  summary: 'One change by its digest',
  access: READ,
  params: digestParams,
  answers: {
    200: {
      says: 'The change. `ETag` differs only by digest, quarantine, and whether it can be undone.',
      schema: changeBody,
    },
    304: { says: 'As named by `If-None-Match`.', schema: null },
  },
  problems: ['unknown-change'],
});

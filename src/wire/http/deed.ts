import { z } from 'zod';
import { operation, READ } from './operation.ts';
import { refusalBody } from './problem.ts';
import { idParams, named } from './schema.ts';

/** What people do to a rollout that runs, and to the line it moves on. */
export const DEEDS = ['pause', 'resume', 'promote', 'rollback', 'approve', 'reject', 'halt', 'lift'] as const;

export const foreseenDeeds = named(
  'ForeseenDeeds',
  z.object({
    deeds: z.array(
      z.object({
        deed: z.enum(DEEDS),
        refusals: z.array(refusalBody).describe('why the caller would be refused it now; empty: it would be done'),
      }),
    ),
  }),
);
export type ForeseenDeedsBody = z.infer<typeof foreseenDeeds>;
export type Deed = ForeseenDeedsBody['deeds'][number]['deed'];

export const foreseeRollout = operation({
  id: 'foreseeRollout',
  method: 'GET',
  path: '/v1/rollouts/:id/deeds',
  tag: 'rollouts',
  summary: 'What the caller could do to a rollout now, and why the rest would be refused. Changes nothing',
  access: READ,
  params: idParams,
  answers: { 200: { says: 'Each deed, decided as it would be now.', schema: foreseenDeeds } },
  problems: ['unknown-rollout'],
});

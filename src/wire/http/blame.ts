import { z } from 'zod';
import { SUSPECT_STATES } from '../../core/analysis/blame.ts';
import { operation, READ } from './operation.ts';
import { count, instant, named } from './schema.ts';

const suspicion = named(
  'Suspicion',
  z.object({
    rollout: z.string(),
    outcome: z
      .enum(['blamed', 'contested', 'cleared'])
      .describe('contested: it fits as well as another does; cleared: it does not fit'),
    state: z.enum(SUSPECT_STATES).describe('back: it was rolled back, and is gone from every target'),
    score: z
      .number()
      .describe('how much likelier the typical fault is if it is to blame than if nobody is, as a power of ten'),
    votes: count.describe('faults that came soon after it, where it was'),
    vetoes: count.describe(
      'faults that it cannot have caused: before it, elsewhere, or there although it was gone again',
    ),
    reasons: z.array(z.string()).describe('the strongest first'),
  }),
);

export const blameBody = named(
  'Blame',
  z.object({
    outcome: z.enum(['blamed', 'contested', 'none']).describe('none: nothing is wrong, or no rollout fits'),
    says: z.string(),
    faults: count.describe('targets that something is wrong with now'),
    since: instant.nullable().describe('when the first of them turned, of those of which that is known'),
    ranked: z.array(suspicion).describe('every rollout that is under way or ended lately, the most suspicious first'),
  }),
);
export type BlameBody = z.infer<typeof blameBody>;

export const getBlame = operation({
  id: 'getBlame',
  method: 'GET',
  path: '/v1/blame',
  tag: 'rollouts',
  summary: 'Which rollouts may have caused what is wrong now, and why; none where none fits',
  access: READ,
  query: z.strictObject({
    service: z.string().max(63).optional().describe('only targets of this service and of its neighbours'),
  }),
  answers: { 200: { says: 'What blame says now.', schema: blameBody } },
  problems: ['unknown-service'],
});

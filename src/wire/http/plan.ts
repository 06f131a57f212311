import { z } from 'zod';
import { freezeWindowBody } from './freeze.ts';
import { operation, READ } from './operation.ts';
import { exposureFloor } from './pipeline.ts';
import { refusalBody } from './problem.ts';
import { PLAN_PROBLEMS, rolloutRequest } from './rollout.ts';
import { count, digest, durationMs, named } from './schema.ts';

const planStage = named(
  'PlanStage',
  z.object({
    name: z.string(),
    selects: z.string(),
    targets: count,
    connected: count,
    byRole: z.record(z.string(), count),
    waves: z.array(z.object({ targets: count, below: z.number() })).describe('cumulative'),
    bakeMs: durationMs,
    exposure: exposureFloor,
  }),
);

export const planBody = named(
  'Plan',
  z.object({
    change: z.object({ digest, name: z.string() }),
    service: z.string(),
    pipeline: z.string(),
    roles: z.array(z.string()),
    stages: z.array(planStage),
    unstaged: z.array(z.string()).describe('targets of the roles that no stage selects; named up to 50'),
    unstagedCount: count,
    dependents: z.array(z.string()),
    minimumMs: durationMs,
    freezes: z.array(freezeWindowBody).describe('those that bind now, and those that begin before it could be done'),
    refusals: z.array(refusalBody).describe('why it would be refused, in order of precedence; empty: it may start'),
  }),
);
export type PlanBody = z.infer<typeof planBody>;

export const planRollout = operation({
  id: 'planRollout',
  method: 'POST',
  path: '/v1/plans',
  tag: 'rollouts',
  summary: 'What starting a rollout would do, and why it would be refused. Changes nothing',
  access: READ,
  body: rolloutRequest,
  answers: { 200: { says: 'The plan; `refusals` says whether it may start.', schema: planBody } },
  problems: PLAN_PROBLEMS,
});

import { z } from 'zod';
import { PLAN_WARNINGS } from '../../core/policy/plan.ts';
import { breakGlassBody, gateBody, irreversibleBody } from './approval.ts';
import { blastRadiusBody, reachBody } from './blast.ts';
import { freezeWindowBody } from './freeze.ts';
import { operation, READ } from './operation.ts';
import { exposureFloor, peakWindowBody } from './pipeline.ts';
import { refusalBody } from './problem.ts';
import { PLAN_PROBLEMS, rolloutRequest } from './rollout.ts';
import { count, digest, durationMs, named } from './schema.ts';
import { capacityBody } from './service.ts';

const planStage = named(
  'PlanStage',
  z.object({
    name: z.string(),
    selects: z.string(),
    targets: count,
    connected: count,
    byRole: z.record(z.string(), count),
    waves: z
      .array(z.object({ targets: count, below: z.number(), opens: reachBody.describe('newly') }))
      .describe('`targets` and `below` are cumulative'),
    opens: reachBody.describe('by itself'),
    reached: reachBody.describe('with every stage before it'),
    steps: z
      .object({
        expected: count.describe('how many steps it takes when everything is well'),
        concurrency: z.object({ start: count, most: count }).nullable(),
      })
      .optional()
      .describe('where a floor or a pace is asked for; left out: a whole wave at a time'),
    bakeMs: durationMs,
    peak: peakWindowBody.nullable().describe('the first that its bake could cover; null: it need not cover any'),
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
    capacity: capacityBody.optional().describe('left out: no floor is asked for'),
    blast: blastRadiusBody.describe('who is hurt if this is bad, once all its stages are open'),
    lateCohorts: z
      .array(
        z.object({
          label: z.string(),
          value: z.string(),
          targets: count,
          stage: z.string().nullable().describe('the last stage, in which alone they are; null: none selects them'),
        }),
      )
      .describe('targets with a label in common that are all reached at the very end, or never'),
    warnings: z
      .array(z.object({ code: z.enum(PLAN_WARNINGS), says: z.string() }))
      .describe('what refuses nothing and should be read before starting'),
    minimumMs: durationMs,
    freezes: z.array(freezeWindowBody).describe('those that bind now, and those that begin before it could be done'),
    rules: z
      .array(
        z.object({
          rule: z.string(),
          stage: z.string(),
          wave: z.int().positive().describe('the first one that it refuses, from 1; 1 when it refuses none'),
          outcome: z.enum(['passes', 'refuses', 'error']),
          says: z.string(),
        }),
      )
      .describe(
        "what the pipeline's rules say of every stage, as if it opened now; those of the first stage refuse the start",
      ),
    fastTrack: z.boolean().describe('it goes to what is known to be good: nobody is asked, and it bakes for less'),
    irreversible: irreversibleBody.nullable(),
    gates: z.array(gateBody).describe('whom it waits for, before which stage'),
    breakGlass: breakGlassBody.nullable().describe('in force now'),
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

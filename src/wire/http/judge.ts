import { z } from 'zod';
import { operation, READ, STORE_PROBLEMS } from './operation.ts';
import { count, durationMs, idParams, instant, named } from './schema.ts';
import { verdictBody } from './verdict.ts';

const { outcome, unit } = verdictBody.shape;
const figure = z.number().nullable();

const point = z.object({
  at: instant.describe('end of the window'),
  stage: count.describe("index into the rollout's `plan`"),
  outcome,
  estimate: figure.describe('treated minus untouched'),
  lower: figure.describe('of its confidence sequence'),
  upper: figure,
  margin: z.number().describe('the most by which treated may be worse'),
  treated: figure.describe('level of the treated targets'),
  untouched: figure.describe('level of the untouched ones, or of the past in their place'),
  exposure: z.number().describe('of the treated targets'),
  harm: z.number().describe('evidence in nats'),
  noHarm: z.number().describe('evidence in nats'),
  spent: z.number().describe('part of the budget of false rollbacks'),
});

const calibration = named(
  'Calibration',
  z
    .object({
      blocks: count.describe('pieces of the past, as long as a bake at the most'),
      length: count.describe('of one, in windows'),
      average: z.number().describe('of their evidence; not above 1, but for chance'),
      reached: z.array(
        z.object({
          times: z.number().describe('evidence of so many to one that there is harm'),
          found: count.describe('in so many pieces, though nothing was changed'),
          allowed: z.number().describe('so many are to be expected at the most'),
        }),
      ),
    })
    .describe("what the judge would have said of the fleet's own past"),
);

/** How the checks of a rollout have gone, to plot. */
export const judgedRollout = named(
  'JudgedRollout',
  z.object({
    rollout: z.string(),
    windowMs: durationMs.describe('figures of so long are judged together'),
    series: z
      .array(
        z.object({
          check: z.string(),
          role: z.string(),
          unit,
          points: z.array(point),
          calibration: calibration.nullable(),
        }),
      )
      .describe(
        'one for each check and role, oldest point first: at most some 500, evenly thinned, the newest always there',
      ),
  }),
);
export type JudgedRolloutBody = z.infer<typeof judgedRollout>;

export const getJudgedRollout = operation({
  id: 'getJudgedRollout',
  method: 'GET',
  path: '/v1/rollouts/:id/judge',
  tag: 'rollouts',
  summary: 'How the checks of a rollout have gone, window by window; a prefix of the id will do',
  access: READ,
  params: idParams,
  answers: { 200: { says: 'Series to plot.', schema: judgedRollout } },
  problems: ['unknown-rollout', ...STORE_PROBLEMS],
});

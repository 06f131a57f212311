import { z } from 'zod';
import { VERDICT_CAUSES } from '../../core/analysis/verdict.ts';
import { instant, named } from './schema.ts';

const arm = z.object({
  level: z.number().nullable().describe('the share, the rate or the mean; null before anything was seen'),
  exposure: z.number().describe('trials for shares, target-minutes for rates, windows for means'),
  targets: z.number().describe('that reported in the last window'),
});

export const verdictBody = named(
  'Verdict',
  z.object({
    check: z.string(),
    role: z.string().describe('of a check of a service that needs this one: SERVICE/ROLE'),
    outcome: z.enum(['pass', 'fail', 'inconclusive', 'no-data', 'error']).describe('only `pass` opens anything'),
    cause: z.enum(VERDICT_CAUSES).nullable().describe('why it is neither pass nor fail, where that has a name'),
    says: z.string().describe('one sentence with the figures in it'),
    unit: z
      .enum(['share', 'rate', 'value'])
      .describe("of the figures: parts of 1, events a target and minute, or the metric's own"),
    estimate: z.number().nullable().describe('treated minus untouched'),
    lower: z.number().nullable().describe('of its confidence sequence, which holds at all times together'),
    upper: z.number().nullable(),
    margin: z.number().describe('the most by which treated may be worse now'),
    treated: arm.describe('where it fails of all treated targets, else of those of the present stage'),
    untouched: arm,
    compared: z
      .enum(['at-the-same-time', 'before'])
      .describe('before: nobody was left untouched, and the past stood in; the hour cannot be told from the change'),
    evidence: z
      .object({
        harm: z.number().describe('of all treated targets'),
        noHarm: z.number().describe('of those of the present stage'),
      })
      .describe('in nats, at most 1 on average for what is not so'),
    alpha: z.number().describe('the chance with which a whole rollout of a harmless change may be rolled back'),
    spent: z.number().describe('part of that budget; those of all guardrails together roll back at 1'),
    noise: z
      .object({ figure: z.number(), blocks: z.number() })
      .describe('how far figures stray without a change, and from how many blocks of the past that is known'),
    next: z
      .object({ missing: z.number(), of: z.string(), expectedAt: instant.nullable() })
      .nullable()
      .describe(
        'what is missing until there is a verdict, and when it will be there at this rate; null: nothing, or more would not tell',
      ),
    outliers: z.array(z.string()).describe('names of treated targets that stand out from the rest, the worst first'),
    leftOut: z.array(z.string()).describe('names of untouched targets so sick that nothing is compared with them'),
  }),
);
export type VerdictBody = z.infer<typeof verdictBody>;

import { z } from 'zod';
import { named } from './schema.ts';

const arm = z.object({ failures: z.number(), total: z.number() });

export const verdictBody = named(
  'Verdict',
  z.object({
    check: z.string(),
    role: z.string(),
    outcome: z.enum(['pass', 'fail', 'inconclusive', 'no-data', 'error']).describe('only `pass` opens anything'),
    says: z.string(),
    estimate: z.number().nullable(),
    lower: z.number().nullable(),
    upper: z.number().nullable(),
    margin: z.number(),
    alpha: z.number(),
    treated: arm,
    untouched: arm,
    missing: z.number().nullable().describe('events still missing before a verdict can be expected; null when unknown'),
  }),
);
export type VerdictBody = z.infer<typeof verdictBody>;

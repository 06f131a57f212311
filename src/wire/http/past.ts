import { z } from 'zod';
import type { Instant } from '../../core/kernel/instant.ts';
import { operation, READ, STORE_PROBLEMS } from './operation.ts';
import { rolloutBody, rolloutQuery, rolloutSummary } from './rollout.ts';
import { count, idParams, instant, named } from './schema.ts';
import { verdictBody } from './verdict.ts';

/** A moment of the record: after the event at a position, or after the last one at or before a time. */
export type Moment = { readonly position: number } | { readonly at: Instant };

/** What a moment is written as. */
export const MOMENT_EXPECTED =
  'a position of the log, as in 123, or a time with its zone, as in 2026-03-01T12:00:00Z or 2026-03-01T13:00:00+01:00';

const TIME = z.iso.datetime({ offset: true });

/** Reads `123` or `2026-03-01T12:00:00Z`; `null` when it is neither. A time without a zone is neither: nobody knows when that was. */
export function readMoment(text: string): Moment | null {
  if (/^\d{1,15}$/.test(text)) return { position: Number(text) };
  return TIME.safeParse(text).success ? { at: Date.parse(text) } : null;
}

const moment = z
  .string()
  .refine((text) => readMoment(text) !== null, { error: `expected ${MOMENT_EXPECTED}` })
  .describe(MOMENT_EXPECTED);

const asOf = named(
  'AsOf',
  z.object({ position: count.describe('of the last event that counts'), at: instant.describe('of that event') }),
);
export type AsOfBody = z.infer<typeof asOf>;

/** A rollout as the record has it at one moment. What was known to the server alone, and is recorded nowhere, is not in it. */
export const pastRollout = named(
  'PastRollout',
  z.object({
    asOf,
    rollout: rolloutBody,
    verdicts: z.array(verdictBody).describe('on record: of the evidence of the present stage, or of the rollback'),
    says: z.string().describe('what it did or waited for then, in one sentence'),
  }),
);
export type PastRolloutBody = z.infer<typeof pastRollout>;

export const pastRolloutPage = named(
  'PastRolloutPage',
  z.object({ asOf, items: z.array(rolloutSummary), next: z.string().nullable() }),
);
export type PastRolloutPage = z.infer<typeof pastRolloutPage>;

export const getPastRollout = operation({
  id: 'getPastRollout',
  method: 'GET',
  path: '/v1/past/rollouts/:id',
  tag: 'rollouts',
  summary: 'One rollout as the record has it at a moment; a prefix of the id will do',
  access: READ,
  params: idParams,
  query: z.strictObject({ at: moment }),
  answers: { 200: { says: 'The rollout as it was.', schema: pastRollout } },
  problems: ['unknown-rollout', 'outside-record', ...STORE_PROBLEMS],
});

export const listPastRollouts = operation({
  id: 'listPastRollouts',
  method: 'GET',
  path: '/v1/past/rollouts',
  tag: 'rollouts',
  summary: 'Rollouts as the record has them at a moment, newest first',
  access: READ,
  query: z.strictObject({ ...rolloutQuery.shape, at: moment }),
  answers: { 200: { says: 'One page of rollouts as they were.', schema: pastRolloutPage } },
  problems: ['outside-record', ...STORE_PROBLEMS],
});

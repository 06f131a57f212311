import { z } from 'zod';
import { operation } from './operation.ts';
import { named } from './schema.ts';

/*
 * The OpenFeature Remote Evaluation Protocol. Its shapes and codes are the protocol's, not ours: what it calls an error is said in its
 * words, and what keeps a request from being one of the protocol at all (no token, a strange Host) in those of the other operations.
 */

const flagKey = z.string().describe('the key of the flag');

export const ofrepRequest = named(
  'FlagEvaluationRequest',
  z
    .object({
      context: z
        .record(z.string(), z.unknown())
        .optional()
        .describe(
          'what rules may ask for; `targetingKey` says who it is, `ringfence.service` whose flags are meant, `ringfence.target` which target asks',
        ),
    })
    .prefault({}),
);

const evaluation = named(
  'FlagEvaluation',
  z.object({
    key: flagKey,
    value: z.unknown().describe('of the type of the flag: boolean, string, number or object'),
    variant: z.string(),
    reason: z.enum(['STATIC', 'DEFAULT', 'TARGETING_MATCH', 'SPLIT', 'DISABLED']),
    metadata: z
      .record(z.string(), z.string())
      .describe('`service`, `target`, `slot` and `revision`: whose value this is, and of which bytes'),
  }),
);

const failure = named(
  'FlagFailure',
  z.object({
    key: flagKey,
    errorCode: z.enum(['PARSE_ERROR', 'TARGETING_KEY_MISSING', 'INVALID_CONTEXT', 'GENERAL', 'FLAG_NOT_FOUND']),
    errorDetails: z.string(),
  }),
);
export type OfrepFailure = z.infer<typeof failure>;

const bulkFailure = named('BulkFlagFailure', failure.omit({ key: true }));

const bulk = named('BulkFlagEvaluation', z.object({ flags: z.array(z.union([evaluation, failure])) }));

export const evaluateFlag = operation({
  id: 'evaluateFlag',
  method: 'POST',
  path: '/ofrep/v1/evaluate/flags/:key',
  tag: 'flags',
  summary: 'Evaluate one flag (OFREP)',
  access: 'evaluateFlags',
  params: z.strictObject({ key: z.string().max(256) }),
  body: ofrepRequest,
  answers: {
    200: { says: 'Its value for this context.', schema: evaluation },
    400: { says: 'The request or its context cannot be used.', schema: failure },
    404: { says: 'There is no such flag for this context.', schema: failure },
  },
  problems: [],
});

export const evaluateFlags = operation({
  id: 'evaluateFlags',
  method: 'POST',
  path: '/ofrep/v1/evaluate/flags',
  tag: 'flags',
  summary: 'Evaluate every flag (OFREP)',
  access: 'evaluateFlags',
  body: ofrepRequest,
  answers: {
    200: { says: 'Every flag there is for this context, each with its value or with what is wrong.', schema: bulk },
    304: { says: 'You have them already, by your `If-None-Match`.', schema: null },
    400: { says: 'The request or its context cannot be used.', schema: bulkFailure },
  },
  problems: [],
});

import { z } from 'zod';
import { REFUSAL_CODES } from '../../core/kernel/refusal.ts';
import { named } from './schema.ts';

/** Why a request was not carried out, beside the refusals of the core: what HTTP, the door or the disk has to say. */
export const TRANSPORT_CODES = [
  'invalid-request', // a path, query or body that does not fit the documented shape
  'manifest-invalid', // one or more mistakes in the documents; see `problems`
  'unauthenticated',
  'forbidden',
  'host-not-allowed',
  'not-found',
  'method-not-allowed',
  'body-too-large',
  'unsupported-media-type',
  'several-refusals', // see `refusals`
  'too-many-streams',
  'store-locked',
  'store-disk-full',
  'store-corrupt',
  'store-newer',
  'store-unavailable',
  'internal',
] as const;

export type TransportCode = (typeof TRANSPORT_CODES)[number];

export const refusalBody = named(
  'Refusal',
  z.object({
    code: z.enum(REFUSAL_CODES),
    says: z.string().describe('what was wrong and where, with the values in it'),
    remedy: z.string().optional().describe('what to do about it'),
  }),
);
export type RefusalBody = z.infer<typeof refusalBody>;

/** One mistake in a manifest. Lines and columns start at 1 and are there when the documents were sent as YAML text. */
export const manifestProblem = named(
  'ManifestProblem',
  z.object({
    path: z.string().describe('where in the document: `spec.stages[0].bake.minimum`'),
    says: z.string(),
    remedy: z.string().optional(),
    document: z.int().nonnegative().optional().describe('which of the documents, from 0'),
    line: z.int().positive().optional(),
    column: z.int().positive().optional(),
  }),
);
export type ManifestProblemBody = z.infer<typeof manifestProblem>;

/** RFC 9457 problem details, `application/problem+json`. */
export const problemBody = named(
  'Problem',
  z.object({
    type: z.string().describe('`urn:ringfence:problem:` and the code; stable'),
    title: z.string().describe('the kind of problem, the same for every occurrence'),
    status: z.int().min(400).max(599),
    detail: z.string().describe('this occurrence: what was wrong and where'),
    code: z.enum([...REFUSAL_CODES, ...TRANSPORT_CODES]),
    remedy: z.string().optional().describe('what to do about it'),
    refusals: z
      .array(refusalBody)
      .optional()
      .describe('all refusals in order of precedence, when the control plane gave a list'),
    problems: z.array(manifestProblem).optional().describe('all mistakes in the manifests'),
  }),
);
export type ProblemBody = z.infer<typeof problemBody>;
export type ProblemCode = ProblemBody['code'];

import { z } from 'zod';
import { REFUSAL_CODES } from '../../core/kernel/refusal.ts';
import { named } from './schema.ts';

/** Why a request was not carried out when it never came to a decision: what HTTP, the door or the disk has to say. */
export const TRANSPORT_CODES = [
  'invalid-request', // a path, query or body that does not fit the documented shape
  'manifest-invalid', // one or more mistakes in the documents; see `problems`
  'unauthenticated',
  'host-not-allowed',
  'not-found',
  'method-not-allowed',
  'body-too-large',
  'headers-too-large',
  'unsupported-media-type',
  'too-many-streams',
  'too-busy', // more requests at once than are taken in
  'no-checkpoint', // nothing is signed yet, or nothing can be
  'outside-record', // a moment before the record begins, or after the present
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

/** One mistake in the manifests of a request. */
export const manifestProblem = named(
  'ManifestProblem',
  z.object({
    document: z.int().nonnegative().nullable().describe('which of the `documents`, from 0; null for YAML text'),
    position: z
      .object({ line: z.int().positive(), column: z.int().positive() })
      .nullable()
      .describe('in YAML text, from 1; null for JSON'),
    path: z.string().describe('`spec.stages[1].bake.minimum`; empty for the whole document'),
    found: z.string(),
    expected: z.string(),
    suggestion: z.string().nullable().describe('the nearest valid name'),
    says: z.string().describe('all of it in one sentence'),
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

/** What each code is called and answered with. A refusal that depends on the present state is 409: the same request may succeed later. */
export const PROBLEMS = {
  malformed: { status: 400, title: 'The request cannot be read' },
  'unknown-service': { status: 404, title: 'No such service' },
  'unknown-role': { status: 422, title: 'No such role' },
  'unknown-slot': { status: 422, title: 'No such slot' },
  'unknown-change': { status: 404, title: 'No such change' },
  'unknown-pipeline': { status: 404, title: 'No such pipeline' },
  'unknown-stage': { status: 404, title: 'No such stage' },
  'unknown-rollout': { status: 404, title: 'No such rollout' },
  'unknown-metric': { status: 422, title: 'No such metric' },
  'unknown-kind': { status: 422, title: 'No such kind' },
  'unknown-token': { status: 404, title: 'No such token' },
  'unknown-key': { status: 404, title: 'No such signing key' },
  'unknown-freeze': { status: 404, title: 'No such freeze' },
  'unknown-catalog': { status: 404, title: 'No such catalogue' },
  'unknown-target': { status: 404, title: 'No such target' },
  'content-too-large': { status: 413, title: 'The content is larger than its slot allows' },
  'content-invalid': { status: 422, title: "The content does not fit its slot's schema" },
  'change-differs': { status: 409, title: 'The change is registered otherwise' },
  'freeze-invalid': { status: 422, title: 'The freeze cannot be used' },
  'rule-invalid': { status: 422, title: 'A rule of the pipeline cannot be used' },
  'selector-matches-nobody': { status: 409, title: 'A selector matches no target' },
  'label-missing': { status: 409, title: 'A target lacks a label that a template needs' },
  'traffic-unknown': { status: 409, title: 'Nobody knows how much traffic targets take' },
  'step-too-large': { status: 409, title: 'Too much would open at once' },
  'metric-unfit': { status: 422, title: 'A check cannot read its metric' },
  'metric-without-data': { status: 409, title: 'A metric has no data' },
  'sick-baseline': { status: 409, title: 'What runs now is sick already' },
  'no-capacity': { status: 409, title: 'A failure domain has no room' },
  quarantined: { status: 409, title: 'The change is quarantined' },
  'line-halted': { status: 409, title: 'The line is halted' },
  frozen: { status: 409, title: 'A freeze binds the service' },
  'approval-missing': { status: 409, title: 'Approvals are missing' },
  'needs-another-person': { status: 409, title: 'It takes another person' },
  'rule-refused': { status: 409, title: 'A rule of the pipeline refuses' },
  'rollout-in-progress': { status: 409, title: 'A rollout is in progress' },
  'rollout-ended': { status: 409, title: 'The rollout has ended' },
  'already-in-force': { status: 409, title: 'The change is in force already' },
  'no-way-back': { status: 409, title: 'There would be no way back' },
  'no-evidence': { status: 409, title: 'There is no evidence to go on with' },
  'not-possible-now': { status: 409, title: 'Not possible in the present phase' },
  'name-taken': { status: 409, title: 'The name is taken' },
  'in-use': { status: 409, title: 'Something refers to it' },
  'invalid-request': { status: 400, title: 'The request does not fit its documented shape' },
  'manifest-invalid': { status: 422, title: 'A manifest has mistakes' },
  unauthenticated: { status: 401, title: 'A token is needed' },
  forbidden: { status: 403, title: 'Your token may not do this' },
  'host-not-allowed': { status: 421, title: 'This server does not answer to that name' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'method-not-allowed': { status: 405, title: 'Not with this method' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'headers-too-large': { status: 431, title: 'The address or the headers are too large' },
  'unsupported-media-type': { status: 415, title: 'The body is of a type that is not read here' },
  'too-many-streams': { status: 503, title: 'Too many live streams are open' },
  'too-busy': { status: 429, title: 'Too much at once' },
  'no-checkpoint': { status: 404, title: 'Nothing on the record is signed' },
  'outside-record': { status: 404, title: 'The record does not reach there' },
  'store-locked': { status: 503, title: 'The record is locked by another process' },
  'store-disk-full': { status: 507, title: 'The disk is full' },
  'store-corrupt': { status: 503, title: 'The record is damaged' },
  'store-newer': { status: 503, title: 'The record was written by a later version' },
  'store-unavailable': { status: 503, title: 'The record cannot be used now' },
  internal: { status: 500, title: 'A mistake of Ringfence itself' },
} as const satisfies Readonly<Record<ProblemCode, { readonly status: number; readonly title: string }>>;

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export function problemType(code: ProblemCode): string {
  return `urn:ringfence:problem:${code}`;
}

import { z } from 'zod';
import { APPROVING_ROLES } from '../../core/policy/approval.ts';
import { TOKEN_ROLES } from '../../core/policy/authority.ts';
import { BREAKABLE, LONGEST_BREAK_GLASS_MS } from '../../core/policy/breakGlass.ts';
import { operation, READ, STORE_PROBLEMS } from './operation.ts';
import type { ProblemCode } from './problem.ts';
import { count, digest, durationMs, instant, named, pageOf, pageQuery } from './schema.ts';

const say = z.object({
  before: z.string().describe('`start`, or the name of a stage'),
  verdict: z.enum(['approved', 'rejected']),
  person: z.string(),
  role: z.enum(TOKEN_ROLES),
  reason: z.string(),
  at: instant,
});

export const gateBody = named(
  'Gate',
  z.object({
    stage: count.describe('index of the stage that it is before'),
    before: z.string().describe('`start`, or the name of that stage'),
    open: z.boolean(),
    needs: z.array(z.object({ role: z.enum(APPROVING_ROLES), count, given: count })),
    approved: z.array(z.string()).describe('whose approvals count'),
    own: z
      .array(z.string())
      .describe('who approved what they want themselves, as author or starter: that does not count'),
    rejected: z.array(say).describe('one is enough to keep it shut'),
    could: z.array(z.string()).describe('who could give what is missing; at most 20'),
  }),
);
export type GateBody = z.infer<typeof gateBody>;

export const breakGlassBody = named(
  'BreakGlass',
  z.object({
    reason: z.string(),
    askedBy: z.string(),
    askedAt: instant,
    confirmedBy: z.string().nullable().describe('null: nobody yet, and it opens nothing'),
    confirmedAt: instant.nullable(),
    expires: instant,
  }),
);
export type BreakGlassBody = z.infer<typeof breakGlassBody>;

/** Break-glass as it stands on a rollout, also when it is over. */
export const rolloutBreakGlass = named(
  'RolloutBreakGlass',
  z.object({ ...breakGlassBody.shape, gates: z.array(z.enum(BREAKABLE)).describe('what the rollout went past by it') }),
);

export const irreversibleBody = z
  .object({ reason: z.string(), restore: z.string().describe('how people restore what it did') })
  .describe('why it cannot be undone');

export const approvalBody = named(
  'Approval',
  z.object({
    change: z.object({ digest, name: z.string() }),
    service: z.string(),
    author: z.string().describe('who registered the change, by name'),
    pipeline: z.string(),
    rollout: z.string().nullable().describe('null before it has started'),
    irreversible: irreversibleBody.nullable(),
    gates: z.array(gateBody),
    says: z.array(say),
    breakGlass: breakGlassBody.nullable(),
    waitsForYou: z.boolean().describe('whether the caller could open a gate of it, or confirm its break-glass'),
  }),
);
export type ApprovalBody = z.infer<typeof approvalBody>;

export const approvalPage = pageOf('ApprovalPage', approvalBody);
export type ApprovalPage = z.infer<typeof approvalPage>;

const reason = z.string().trim().min(1).max(1000);

const subject = {
  of: z.string().min(1).max(256).describe('id of a rollout that runs; else a change, by name or digest'),
  pipeline: z.string().min(1).max(256).optional().describe("may be left out when the change's service has one"),
};

export const approvalRequest = named(
  'ApprovalRequest',
  z.discriminatedUnion('word', [
    z.strictObject({
      ...subject,
      word: z.enum(['approve', 'withdraw']),
      before: z.string().min(1).max(256).optional().describe('`start`, or a stage; left out: the next one that waits'),
      reason: reason.optional(),
    }),
    z.strictObject({
      ...subject,
      word: z.literal('reject'),
      before: z.string().min(1).max(256).optional(),
      reason: reason.describe('why, for the record'),
    }),
  ]),
);
export type ApprovalRequest = z.infer<typeof approvalRequest>;

export const subjectRequest = named('PlanReference', z.strictObject(subject));

export const breakGlassRequest = named(
  'BreakGlassRequest',
  z.strictObject({
    ...subject,
    reason: reason.describe('the emergency, for the record'),
    forMs: durationMs.max(LONGEST_BREAK_GLASS_MS).describe('how long it lasts from now on; at most four hours'),
  }),
);

const PROBLEMS = [
  'malformed',
  'unknown-change',
  'unknown-pipeline',
  'unknown-rollout',
  'unknown-stage',
  'rollout-ended',
  'needs-another-person',
  'not-possible-now',
  ...STORE_PROBLEMS,
] as const satisfies readonly ProblemCode[];

export const listApprovals = operation({
  id: 'listApprovals',
  method: 'GET',
  path: '/v1/approvals',
  tag: 'approvals',
  summary: 'What people are asked, and what they have said: rollouts that run, then changes that never went out',
  access: READ,
  query: z.strictObject({
    ...pageQuery.shape,
    service: z.string().optional(),
    mine: z.enum(['true', 'false']).optional().describe('`true`: only what waits for the caller'),
  }),
  answers: { 200: { says: 'One page.', schema: approvalPage } },
  problems: [],
});

export const sayApproval = operation({
  id: 'sayApproval',
  method: 'POST',
  path: '/v1/approvals',
  tag: 'approvals',
  summary: "Approve somebody else's change, reject it, or take back what was said",
  access: 'approve',
  body: approvalRequest,
  answers: { 200: { says: 'How it stands after that.', schema: approvalBody } },
  problems: PROBLEMS,
});

export const askBreakGlass = operation({
  id: 'askBreakGlass',
  method: 'POST',
  path: '/v1/break-glass',
  tag: 'approvals',
  summary: 'Ask for break-glass in an emergency. It opens nothing until somebody else confirms it',
  access: 'breakGlass',
  body: breakGlassRequest,
  answers: { 201: { says: 'How it stands after that.', schema: approvalBody } },
  problems: PROBLEMS,
});

export const confirmBreakGlass = operation({
  id: 'confirmBreakGlass',
  method: 'POST',
  path: '/v1/break-glass/confirm',
  tag: 'approvals',
  summary:
    'Confirm break-glass that somebody else asked for: freezes, halts and approvals let it go on until it expires',
  access: 'breakGlass',
  body: subjectRequest,
  answers: { 200: { says: 'How it stands after that.', schema: approvalBody } },
  problems: PROBLEMS,
});

export const endBreakGlass = operation({
  id: 'endBreakGlass',
  method: 'POST',
  path: '/v1/break-glass/end',
  tag: 'approvals',
  summary: 'End break-glass before it expires',
  access: 'breakGlass',
  body: subjectRequest,
  answers: { 200: { says: 'How it stands after that.', schema: approvalBody } },
  problems: PROBLEMS,
});

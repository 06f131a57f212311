import { z } from 'zod';
import { HOLD_REASONS, type HoldReason } from '../../core/rollout/hold.ts';
import { ROLLBACK_CODES, ROLLOUT_PHASES } from '../../core/rollout/rollout.ts';
import { irreversibleBody, rolloutBreakGlass } from './approval.ts';
import { rolloutBlastBody } from './blast.ts';
import { operation, READ, STORE_PROBLEMS } from './operation.ts';
import { peakWindowBody, pipelineBody } from './pipeline.ts';
import type { ProblemCode } from './problem.ts';
import { count, digest, idParams, instant, named, pageOf, pageQuery } from './schema.ts';
import { domainBody, openingBody } from './service.ts';
import { verdictBody } from './verdict.ts';

const holdReason = z.enum(Object.keys(HOLD_REASONS) as [HoldReason, ...HoldReason[]]);
const hold = named('Hold', z.object({ reason: holdReason, says: z.string() }));

const paused = z.object({ by: z.string(), reason: z.string(), at: instant });

const rollbackOrder = named(
  'RollbackOrder',
  z.object({
    by: z.string(),
    code: z.enum(ROLLBACK_CODES),
    says: z.string(),
    at: instant,
  }),
);

const failedTarget = z.object({ target: z.string(), code: z.string(), says: z.string() });

const evidence = named(
  'Evidence',
  z.object({
    change: digest,
    stage: z.string(),
    at: instant,
    verdicts: z.array(verdictBody),
    exposure: z.record(z.string(), z.number()).describe('by role'),
    peak: peakWindowBody.optional().describe('the one that the bake covered, where the stage asks for one'),
    rehearsal: z
      .object({ provenAt: instant, tookMs: z.number(), targets: count })
      .nullable()
      .describe('the dated proof that this change goes back: of the first stage, where the pipeline asks for it'),
  }),
);

const rehearsal = named(
  'Rehearsal',
  z.object({ startedAt: instant, provenAt: instant.nullable(), targets: count.describe('how many went back') }),
);

const pace = named(
  'Pace',
  z.object({
    concurrency: count,
    says: z.string().describe('why it is what it is'),
    at: instant,
    usualMs: z.number().nullable().describe('what an apply usually takes in this rollout; null: not known yet'),
  }),
);

const plannedStage = z.object({
  name: z.string(),
  targets: count,
  waves: z.array(z.object({ below: z.number(), targets: count })),
});

const rolloutChange = z.object({
  digest,
  name: z.string(),
  service: z.string(),
  roles: z.array(z.string()),
  slots: z.record(z.string(), digest),
  reason: z.string(),
  irreversible: irreversibleBody.optional(),
  author: z.string(),
});

export const rolloutBody = named(
  'Rollout',
  z.object({
    id: z.string(),
    change: rolloutChange,
    pipeline: pipelineBody.describe('as it was when the rollout started'),
    plan: z.array(plannedStage),
    position: count.describe('of its first event in the log: what happened in it is after the position before'),
    fastTrack: z.boolean().describe('it goes to what was known to be good, by the shorter way'),
    breakGlass: rolloutBreakGlass.nullable().describe('two people opened its gates; stays when it is over'),
    startedBy: z.string(),
    startedAt: instant,
    phase: z.enum(ROLLOUT_PHASES),
    sinceAt: instant.describe('when the present phase, or the present wave, began'),
    stage: count.describe('index into `plan`'),
    wave: count,
    openings: z.array(openingBody),
    holds: z.array(hold),
    heldSinceAt: instant.nullable(),
    paused: paused.nullable(),
    accepted: z.array(holdReason),
    pace: pace
      .nullable()
      .describe('how many targets of the present stage are under way at once; null: the pipeline does not say'),
    rehearsal: rehearsal.nullable().describe('the way back, walked in the first stage before anything is promoted'),
    evidence: z.array(evidence),
    revoked: z.array(z.object({ stage: count, by: z.string(), reason: z.string(), at: instant })),
    failed: z.array(failedTarget).describe('at most 50'),
    failedCount: count,
    rollback: rollbackOrder.nullable(),
    stragglers: z.array(z.string()),
    kept: count.nullable().describe('of what cannot be undone: how many targets keep it, once it was ordered back'),
    endedAt: instant.nullable(),
  }),
);
export type RolloutBody = z.infer<typeof rolloutBody>;

const tally = named(
  'Tally',
  z.object({
    opened: count,
    confirmed: count,
    underway: count,
    failed: count,
    failures: z.array(failedTarget),
    refused: count.describe('targets that refuse the permit'),
    refusals: z.array(z.object({ code: z.string(), count, target: z.string(), says: z.string() })),
    notBack: count,
    notBackNames: z.array(z.string()).describe('at most 50'),
    absent: count.describe('targets that are not connected and have not been told of it: their silence means nothing'),
    moving: count.describe('targets that are ordered to move, or move, and are not at rest'),
    slow: count.describe('of those under way: beyond their deadline, and visibly at it'),
    slowNames: z.array(z.string()).describe('at most 50'),
    domains: z
      .array(domainBody)
      .describe('where the service asks for a floor: failure domains in which somebody is unavailable, at most 50'),
  }),
);

/** A rollout with what is happening in it now: what reading one answers, every command on it, and its live events. */
export const rolloutView = named(
  'RolloutView',
  z.object({
    rollout: rolloutBody,
    tally,
    verdicts: z.array(verdictBody).describe("the present stage's, newest of each check and role"),
    exposure: z.record(z.string(), z.number()).describe('of the present stage, by role'),
    blast: rolloutBlastBody.describe('who is exposed now, and who would be if it went on'),
    says: z.string().describe('what it does or waits for now, in one sentence'),
  }),
);
export type RolloutViewBody = z.infer<typeof rolloutView>;

export const rolloutSummary = named(
  'RolloutSummary',
  z.object({
    id: z.string(),
    service: z.string(),
    change: z.object({ digest, name: z.string() }),
    pipeline: z.string(),
    phase: z.enum(ROLLOUT_PHASES),
    stage: z.string().describe('name of the present stage'),
    stages: count,
    holds: z.array(hold),
    paused: paused.nullable(),
    rollback: rollbackOrder.nullable(),
    startedBy: z.string(),
    startedAt: instant,
    endedAt: instant.nullable(),
    says: z.string(),
  }),
);
export type RolloutSummaryBody = z.infer<typeof rolloutSummary>;

export const rolloutPage = pageOf('RolloutPage', rolloutSummary);
export type RolloutPage = z.infer<typeof rolloutPage>;

export const rolloutQuery = z.strictObject({
  ...pageQuery.shape,
  service: z.string().optional(),
  phase: z.enum(ROLLOUT_PHASES).optional(),
});

const changeReference = z
  .string()
  .min(1)
  .max(256)
  .describe('digest (a prefix of at least 6 hexadecimal digits will do), or name: the newest of that name');

/** What to plan or to start. */
export const rolloutRequest = named(
  'RolloutRequest',
  z.strictObject({
    change: changeReference,
    pipeline: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe("may be left out when the change's service has one pipeline"),
  }),
);
export type RolloutRequest = z.infer<typeof rolloutRequest>;

/** Everything planning may find, and starting refuses. */
export const PLAN_PROBLEMS = [
  'malformed',
  'unknown-change',
  'unknown-service',
  'unknown-pipeline',
  'unknown-role',
  'unknown-slot',
  'unknown-metric',
  'content-invalid',
  'selector-matches-nobody',
  'label-missing',
  'traffic-unknown',
  'step-too-large',
  'metric-unfit',
  'metric-without-data',
  'sick-baseline',
  'no-capacity',
  'quarantined',
  'line-halted',
  'frozen',
  'approval-missing',
  'no-way-back',
  'rule-refused',
  'rollout-in-progress',
  'already-in-force',
] as const satisfies readonly ProblemCode[];

const ROLLOUT_COMMAND_PROBLEMS = [
  'malformed',
  'unknown-rollout',
  'rollout-ended',
  'no-evidence',
  'unknown-stage',
  'line-halted',
  'frozen',
  'approval-missing',
  'rule-refused',
  'quarantined',
  'not-possible-now',
] as const satisfies readonly ProblemCode[];

/** Why a person does this: for the record. */
export const reasonRequest = named('ReasonRequest', z.strictObject({ reason: z.string().trim().min(1).max(1000) }));
export type ReasonRequest = z.infer<typeof reasonRequest>;

export const listRollouts = operation({
  id: 'listRollouts',
  method: 'GET',
  path: '/v1/rollouts',
  tag: 'rollouts',
  summary: 'Rollouts, newest first',
  access: READ,
  query: rolloutQuery,
  answers: { 200: { says: 'One page of rollouts.', schema: rolloutPage } },
  problems: [],
});

export const getRollout = operation({
  id: 'getRollout',
  method: 'GET',
  path: '/v1/rollouts/:id',
  tag: 'rollouts',
  summary: 'One rollout with what is happening in it now; a prefix of the id will do',
  access: READ,
  params: idParams,
  answers: { 200: { says: 'The rollout.', schema: rolloutView } },
  problems: ['unknown-rollout'],
});

export const startRollout = operation({
  id: 'startRollout',
  method: 'POST',
  path: '/v1/rollouts',
  tag: 'rollouts',
  summary: 'Start rolling a change out. Repeating it while that rollout runs is refused, naming the rollout',
  access: 'start',
  body: rolloutRequest,
  answers: { 201: { says: 'Started. `Location` is the rollout.', schema: rolloutView } },
  problems: [...PLAN_PROBLEMS, ...STORE_PROBLEMS],
});

export const pauseRollout = operation({
  id: 'pauseRollout',
  method: 'POST',
  path: '/v1/rollouts/:id/pause',
  tag: 'rollouts',
  summary: 'Stop opening anything until it is resumed',
  access: 'stop',
  params: idParams,
  body: reasonRequest,
  answers: { 200: { says: 'The rollout as it stands after that.', schema: rolloutView } },
  problems: [...ROLLOUT_COMMAND_PROBLEMS, ...STORE_PROBLEMS],
});

export const resumeRollout = operation({
  id: 'resumeRollout',
  method: 'POST',
  path: '/v1/rollouts/:id/resume',
  tag: 'rollouts',
  summary: 'Go on: ends a pause, and accepts the holds that wait for a person',
  access: 'goOn',
  params: idParams,
  answers: { 200: { says: 'The rollout as it stands after that.', schema: rolloutView } },
  problems: [...ROLLOUT_COMMAND_PROBLEMS, ...STORE_PROBLEMS],
});

export const promoteRollout = operation({
  id: 'promoteRollout',
  method: 'POST',
  path: '/v1/rollouts/:id/promote',
  tag: 'rollouts',
  summary: 'Open the next stage, with its evidence in hand',
  access: 'goOn',
  params: idParams,
  answers: { 200: { says: 'The rollout as it stands after that.', schema: rolloutView } },
  problems: [...ROLLOUT_COMMAND_PROBLEMS, ...STORE_PROBLEMS],
});

const revokeRequest = named(
  'RevokeEvidenceRequest',
  z.strictObject({
    stage: z.string().min(1).max(256).describe('name of the stage whose evidence it is'),
    reason: reasonRequest.shape.reason,
  }),
);

export const revokeEvidence = operation({
  id: 'revokeEvidence',
  method: 'POST',
  path: '/v1/rollouts/:id/evidence/revoke',
  tag: 'rollouts',
  summary: 'Take the evidence of a stage back: nothing opens on it any more, and its permits are withdrawn',
  access: 'goOn',
  params: idParams,
  body: revokeRequest,
  answers: { 200: { says: 'The rollout as it stands after that.', schema: rolloutView } },
  problems: [...ROLLOUT_COMMAND_PROBLEMS, ...STORE_PROBLEMS],
});

export const rollbackRollout = operation({
  id: 'rollbackRollout',
  method: 'POST',
  path: '/v1/rollouts/:id/rollback',
  tag: 'rollouts',
  summary: 'Order everything it reached back to the last known good',
  access: 'stop',
  params: idParams,
  body: reasonRequest,
  answers: { 200: { says: 'The rollout as it stands after that.', schema: rolloutView } },
  problems: [...ROLLOUT_COMMAND_PROBLEMS, ...STORE_PROBLEMS],
});

import { z } from 'zod';
import { APPROVING_ROLES } from '../../core/policy/approval.ts';
import { WEEKDAYS } from '../../core/policy/peak.ts';
import { NEIGHBOURS } from '../../core/policy/pipeline.ts';
import { RULE_MOMENTS } from '../../core/policy/rule.ts';
import { operation, READ } from './operation.ts';
import { count, durationMs, instant, named, pageOf, pageQuery } from './schema.ts';
import { selectorBody, sizeBody } from './service.ts';

export const exposureFloor = z.object({ metric: z.string(), atLeast: z.number() }).nullable();

export const peakHours = named(
  'PeakHours',
  z.object({
    from: z.string(),
    to: z.string(),
    timeZone: z.string(),
    days: z.array(z.enum(WEEKDAYS)).describe('on which it begins'),
    atLeastMs: durationMs.optional().describe('how much of one a bake must cover; left out: all of it'),
  }),
);

export const peakWindowBody = named(
  'PeakWindow',
  z.object({
    starts: instant,
    ends: instant,
    local: z.object({ starts: z.string(), ends: z.string() }).describe('by the clock of its zone, for people'),
  }),
);
export type PeakWindowBody = z.infer<typeof peakWindowBody>;

const stage = named(
  'Stage',
  z.object({
    name: z.string(),
    targets: selectorBody,
    waves: z.array(
      z.union([z.object({ count: count }), z.object({ share: z.number() }), z.object({ traffic: z.number() })]),
    ),
    concurrency: z
      .object({ start: sizeBody, most: sizeBody })
      .optional()
      .describe('how many targets go at once; left out: a whole wave'),
    bake: z.object({
      minimumMs: durationMs,
      exposure: exposureFloor,
      deadlineMs: durationMs,
      peak: peakHours.optional(),
    }),
    applyDeadlineMs: durationMs,
    tolerateFailures: count,
    promote: z.enum(['auto', 'manual']),
  }),
);

const margin = z
  .object({ relative: z.number().exactOptional(), absolute: z.number().exactOptional() })
  .describe('how much worse is accepted; where both are given, either is enough');
const worse = z.enum(['higher', 'lower', 'either']);
const everyCheck = {
  name: z.string(),
  effect: z.enum(['guardrail', 'signal']),
  of: z.string().exactOptional().describe('a service that needs this one, whose targets are judged'),
};

const check = named(
  'Check',
  z.discriminatedUnion('kind', [
    z.object({
      ...everyCheck,
      kind: z.literal('failureProportion'),
      failures: z.string(),
      total: z.string(),
      worse: worse.exactOptional(),
      margin,
    }),
    z.object({ ...everyCheck, kind: z.literal('eventRate'), events: z.string(), worse: worse.exactOptional(), margin }),
    z.object({ ...everyCheck, kind: z.literal('mean'), metric: z.string(), worse, margin }),
    z.object({ ...everyCheck, kind: z.literal('quantile'), metric: z.string(), quantile: z.number(), margin }),
    z.object({ ...everyCheck, kind: z.literal('health'), metric: z.string(), margin }),
    z.object({ ...everyCheck, kind: z.literal('vanished'), events: z.string(), atLeast: z.number() }),
  ]),
);
export type CheckBody = z.infer<typeof check>;

const rule = named(
  'Rule',
  z.object({
    name: z.string(),
    before: z.enum(RULE_MOMENTS).describe('what is asked before a wave is asked before a start and a stage too'),
    require: z.string().describe('an expression in CEL; true lets it go on'),
    says: z.string().describe('for people, when it does not'),
    timeZone: z.string().describe('whose clock `time` is by'),
  }),
);

export const pipelineBody = named(
  'Pipeline',
  z.object({
    name: z.string(),
    service: z.string(),
    stages: z.array(stage),
    checks: z.array(check),
    largestStep: z
      .object({ traffic: z.number().optional(), targets: z.number().optional() })
      .optional()
      .describe('shares: the most that may open at once; left out: not bounded'),
    neighbours: z.enum(NEIGHBOURS).optional().describe('beside rollouts of neighbouring services; left out: serialise'),
    rules: z.array(rule).optional().describe('what must be true before anything opens; left out: nothing more'),
    approvals: z
      .array(z.object({ before: z.string(), role: z.enum(APPROVING_ROLES), count }))
      .optional()
      .describe('who is asked before a stage opens; left out: nobody'),
    fastTrack: z
      .object({ minimumMs: durationMs })
      .optional()
      .describe('what bakes for less, and asks nobody: a way to a last known good; left out: there is none'),
    errorBudget: z.number(),
    missRate: z.number().optional().describe('left out: 0.05'),
    windowMs: durationMs.optional().describe('figures of so long are judged together; left out: what fits its bakes'),
    rehearse: z.boolean().describe('whether the first stage goes forward, back and forward again'),
    heldDeadlineMs: durationMs,
    pausedDeadlineMs: durationMs,
    evidenceValidMs: durationMs.optional().describe('left out: 24 hours'),
    rollbackDeadlineMs: durationMs,
  }),
);
export type PipelineBody = z.infer<typeof pipelineBody>;

export const pipelinePage = pageOf('PipelinePage', pipelineBody);
export type PipelinePage = z.infer<typeof pipelinePage>;

export const listPipelines = operation({
  id: 'listPipelines',
  method: 'GET',
  path: '/v1/pipelines',
  tag: 'pipelines',
  summary: 'All pipelines, by name',
  access: READ,
  query: pageQuery,
  answers: { 200: { says: 'One page of pipelines.', schema: pipelinePage } },
  problems: [],
});

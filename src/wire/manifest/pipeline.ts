import { z } from 'zod';
import { EVIDENCE_VALID_MS, NEIGHBOURS, type Pipeline, type Stage } from '../../core/policy/pipeline.ts';
import { RULE_MOMENTS } from '../../core/policy/rule.ts';
import type { Size } from '../../core/topology/capacity.ts';
import type { Selector } from '../../core/topology/target.ts';
import { approvals, approvalsFit, toApprovals } from './approvals.ts';
import { checkKinds, margin } from './checkKinds.ts';
import { envelope } from './envelope.ts';
import { always, asMapping, distinct, entries, fields, list, mistake } from './fields.ts';
import { timeZone } from './freeze.ts';
import { peak } from './peak.ts';
import { duration, fraction, labelValue, name, oneOf, sentence, wholeNumber, word } from './scalars.ts';
import { size } from './size.ts';
import { largestStep, waves } from './waves.ts';

const nameOf = (item: unknown) => asMapping(item).name;

function isSize(found: unknown): found is Size {
  const figures = Object.values(asMapping(found));
  return figures.length === 1 && typeof figures[0] === 'number';
}

const labelValues = z.union(
  [labelValue, list('a list of values', labelValue, 256).superRefine(...distinct('a value'))],
  {
    error: 'a value such as canary, or a list of values such as [eu, us] (put numbers and true or false in quotes)',
  },
);

const selector = entries(
  'a mapping of labels to values, such as { ring: canary }; {} is every target',
  word,
  labelValues,
  0,
).transform(
  (labels): Selector =>
    Object.fromEntries(
      Object.entries(labels).map(([label, value]) => [label, typeof value === 'string' ? [value] : value]),
    ),
);

const bake = fields('a mapping with minimum, exposure, deadline and peak', {
  minimum: duration('366d').describe('the least time between the last confirmed apply and the verdict'),
  exposure: fields('a mapping with metric and atLeast', { metric: word, atLeast: wholeNumber(1, 1e15) })
    .optional()
    .describe('the least that the changed targets of each role must count'),
  deadline: duration('366d')
    .default(3_600_000)
    .describe('without enough evidence by then the stage is held; 1h if left out'),
  peak: peak.optional().describe('when the service has the most to do: the bake is not over before it has covered it'),
}).superRefine((found: unknown, sink) => {
  const { minimum, deadline } = asMapping(found);
  if (typeof minimum !== 'number' || typeof deadline !== 'number') return;
  if (deadline <= minimum) mistake(sink, ['deadline'], 'a span longer than minimum (1h if left out)');
}, always);

const concurrency = fields('a mapping with start and most', {
  start: size.describe('how many targets of the stage go at once at first; so many are added after each good round'),
  most: size.describe('how many may go at once at the most'),
}).superRefine((found: unknown, sink) => {
  const { start, most } = asMapping(found);
  if (!isSize(start) || !isSize(most)) return;
  const smaller =
    ('count' in start && 'count' in most && most.count < start.count) ||
    ('share' in start && 'share' in most && most.share < start.share);
  if (smaller) mistake(sink, ['most'], 'as much as start, or more');
}, always);

const stage = fields('a mapping with name, targets, waves and bake', {
  name,
  targets: selector,
  waves: waves.default([{ share: 1 }]).describe('how far each wave goes into the stage; [100%] if left out'),
  concurrency: concurrency
    .optional()
    .describe('how many targets go at once, adapted to failures and to how long applies take; left out: whole waves'),
  bake,
  applyDeadline: duration('366d')
    .default(300_000)
    .describe('a target that has not confirmed by then has failed; 5m if left out'),
  tolerateFailures: wholeNumber(0, 1_000_000)
    .default(0)
    .describe('how many failed targets do not yet roll back; 0 if left out'),
  promote: oneOf(['auto', 'manual'])
    .default('auto')
    .describe('manual: a person opens the next stage; auto if left out'),
});

const check = checkKinds(margin);

const rule = fields('a mapping with name, before, require, says and timeZone', {
  name: word,
  before: oneOf(RULE_MOMENTS)
    .default('wave')
    .describe('when it is asked: start once, stage before every stage, wave before every wave too; wave if left out'),
  require: sentence('an expression in CEL, such as stage.shareOfTargets <= 0.5', 1000).describe(
    'what must be true for anything to go on',
  ),
  says: sentence('why it does not go on, in a sentence', 1000),
  timeZone: timeZone.default('UTC').describe('whose clock the time is by; UTC if left out'),
});

const deadlines = fields('a mapping with held, paused, evidence and rollback', {
  held: duration('366d').default(86_400_000).describe('held for longer, it is rolled back; 24h if left out'),
  paused: duration('366d')
    .default(3 * 86_400_000)
    .describe('paused for longer, it is held as well; 72h if left out'),
  evidence: duration('366d')
    .default(EVIDENCE_VALID_MS)
    .describe('how long the evidence of a stage is good for while the next one waits to be opened; 24h if left out'),
  rollback: duration('366d').default(600_000).describe('targets not back by then are named; 10m if left out'),
});

const spec = fields('a mapping with service, stages and checks', {
  service: name,
  errorBudget: fraction
    .default(0.01)
    .describe('the chance of rolling back a harmless change in one whole rollout; 0.01 if left out'),
  missRate: fraction
    .optional()
    .describe(
      'the chance with which one check may pass, in one stage and role, what is beyond its margin; 0.05 if left out',
    ),
  window: duration('1h')
    .optional()
    .describe('figures of so long are judged together; if left out 10s, or a tenth of the shortest bake, at least 1s'),
  rehearse: z
    .boolean({ error: 'true or false' })
    .default(true)
    .describe('the first stage goes forward, back and forward again before anything is promoted; true if left out'),
  neighbours: oneOf(NEIGHBOURS)
    .optional()
    .describe(
      'beside rollouts of services that need this one, or that it needs: serialise (one after the other, if left out), or tellApart (at once, where both say so, told apart by blame)',
    ),
  stages: list('a list of stages', stage, 50).superRefine(...distinct('a name', nameOf, ['name'])),
  checks: list('a list of checks', check, 50).superRefine(...distinct('a name', nameOf, ['name'])),
  rules: list('a list of rules', rule, 20)
    .superRefine(...distinct('a name', nameOf, ['name']))
    .optional()
    .describe('what must be true before anything opens, beyond the checks'),
  largestStep: largestStep
    .optional()
    .describe('the most that may open at once, wherever in the pipeline; left out: it is warned of alone'),
  approvals,
  fastTrack: fields('a mapping with minimum', {
    minimum: duration('366d').describe('how long a stage bakes at the least'),
  })
    .optional()
    .describe('the way to a last known good: nobody is asked, and it bakes for less; left out: as for any change'),
  deadlines: deadlines.prefault({}),
}).superRefine(approvalsFit, always);

export const pipelineManifest = envelope('Pipeline', spec);

function toStage(stage: z.output<typeof spec>['stages'][number]): Stage {
  const { name, targets, waves, concurrency, bake, applyDeadline, tolerateFailures, promote } = stage;
  return {
    name,
    targets,
    waves,
    ...(concurrency === undefined ? {} : { concurrency }),
    bake: {
      minimumMs: bake.minimum,
      exposure: bake.exposure ?? null,
      deadlineMs: bake.deadline,
      ...(bake.peak === undefined ? {} : { peak: bake.peak }),
    },
    applyDeadlineMs: applyDeadline,
    tolerateFailures,
    promote,
  };
}

export function toPipeline({ metadata, spec }: z.output<typeof pipelineManifest>): Pipeline {
  return {
    name: metadata.name,
    service: spec.service,
    stages: spec.stages.map(toStage),
    checks: spec.checks,
    ...(spec.rules === undefined ? {} : { rules: spec.rules }),
    ...(spec.neighbours === undefined ? {} : { neighbours: spec.neighbours }),
    ...(spec.largestStep === undefined ? {} : { largestStep: spec.largestStep }),
    ...toApprovals(spec.approvals),
    ...(spec.fastTrack === undefined ? {} : { fastTrack: { minimumMs: spec.fastTrack.minimum } }),
    errorBudget: spec.errorBudget,
    ...(spec.missRate === undefined ? {} : { missRate: spec.missRate }),
    ...(spec.window === undefined ? {} : { windowMs: spec.window }),
    rehearse: spec.rehearse,
    heldDeadlineMs: spec.deadlines.held,
    pausedDeadlineMs: spec.deadlines.paused,
    evidenceValidMs: spec.deadlines.evidence,
    rollbackDeadlineMs: spec.deadlines.rollback,
  };
}

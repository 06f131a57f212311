import { z } from 'zod';
import type { CheckSpec } from '../../core/analysis/checkSpec.ts';
import type { Margin } from '../../core/analysis/margin.ts';
import { type JudgePolicy, USUAL_MISS_RATE } from '../../core/analysis/rolloutJudge.ts';
import type { DurationMs } from '../../core/kernel/instant.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { explainIssues } from './explainIssues.ts';
import { always, asMapping, distinct, fields, list, mistake } from './fields.ts';
import { type LocatedMistake, type ManifestProblem, toProblem } from './manifestProblem.ts';
import { positionsIn } from './positionsIn.ts';
import { duration, fraction, oneOf, word } from './scalars.ts';
import { yamlDocuments } from './yamlDocuments.ts';

/** How a recorded series is to be judged. */
export interface SeriesPolicy extends JudgePolicy {
  readonly windowMs: DurationMs;
  /** How long a stage is to bake: noise that lasts so long is reckoned with. */
  readonly bakeMs: DurationMs;
}

const POSITIVE = 'a number above 0';
const positive = z.number({ error: POSITIVE }).positive({ error: POSITIVE }).describe(POSITIVE);
const MARGIN = 'a number in the unit of the metric, or a mapping with relative and absolute, such as { relative: 0.1 }';

const margin = z
  .union([positive, fields(MARGIN, { relative: positive.optional(), absolute: positive.optional() })], {
    error: MARGIN,
  })
  .default({})
  .describe(
    'how much worse is accepted, in the unit of the metric or relative to the untouched targets; none if left out',
  )
  .transform((found): Margin => {
    if (typeof found === 'number') return { absolute: found };
    const { relative, absolute } = found;
    return { ...(relative === undefined ? {} : { relative }), ...(absolute === undefined ? {} : { absolute }) };
  });

const named = {
  name: word,
  effect: oneOf(['guardrail', 'signal'])
    .default('guardrail')
    .describe('a guardrail that fails rolls back; a signal that fails holds; guardrail if left out'),
};

/** Kinds of check: one schema each. What they compute stands in `core/analysis/`. */
const CHECKS = {
  failureProportion: fields('a mapping with name, kind, failures, total and margin', {
    ...named,
    kind: z.literal('failureProportion'),
    failures: word.describe('the metric that counts failures'),
    total: word.describe('the metric that counts all of them'),
    margin,
  }).superRefine((found: unknown, sink) => {
    const { failures, total } = asMapping(found);
    if (typeof failures === 'string' && failures === total) mistake(sink, ['total'], 'another metric than failures');
  }, always),
  eventRate: fields('a mapping with name, kind, events and margin', {
    ...named,
    kind: z.literal('eventRate'),
    events: word.describe('the metric that counts them'),
    margin,
  }),
  mean: fields('a mapping with name, kind, metric, worse and margin', {
    ...named,
    kind: z.literal('mean'),
    metric: word.describe('a positive figure'),
    worse: oneOf(['higher', 'lower', 'either']).default('higher').describe('which way is worse; higher if left out'),
    margin,
  }),
  quantile: fields('a mapping with name, kind, metric, quantile and margin', {
    ...named,
    kind: z.literal('quantile'),
    metric: word.describe('a figure with several values in each window'),
    quantile: fraction.describe('0.99 for p99'),
    margin,
  }),
  health: fields('a mapping with name, kind, metric and margin', {
    ...named,
    kind: z.literal('health'),
    metric: word.describe('1 where a target is well, 0 where it is not'),
    margin,
  }),
  vanished: fields('a mapping with name, kind, events and atLeast', {
    ...named,
    kind: z.literal('vanished'),
    events: word.describe('what should go on happening'),
    atLeast: fraction.default(0.5).describe('the share of what was usual that must be left; 0.5 if left out'),
  }),
} as const satisfies { readonly [K in CheckSpec['kind']]: z.ZodType<Extract<CheckSpec, { kind: K }>> };

const check = z.discriminatedUnion(
  'kind',
  [CHECKS.failureProportion, CHECKS.eventRate, CHECKS.mean, CHECKS.quantile, CHECKS.health, CHECKS.vanished],
  {
    error: (issue) =>
      issue.code === 'invalid_union' ? Object.keys(CHECKS).join(', ') : 'a mapping with name and kind',
  },
);

const policy = fields('a mapping with checks, errorBudget, missRate, window and bake', {
  checks: list('a list of checks', check, 50).superRefine(
    ...distinct('a name', (item) => asMapping(item).name, ['name']),
  ),
  errorBudget: fraction
    .default(0.01)
    .describe('the chance of rolling back a harmless change in one whole rollout; 0.01 if left out'),
  missRate: fraction
    .default(USUAL_MISS_RATE)
    .describe('the chance with which one check may pass what is beyond its margin; 0.05 if left out'),
  window: duration('1d').default(60_000).describe('figures of so long are taken together; 1m if left out'),
  bake: duration('30d').default(3_600_000).describe('how long a stage is to bake; 1h if left out'),
});

const NOTHING: LocatedMistake = {
  path: [],
  at: 'value',
  found: 'nothing',
  expected: 'one mapping with checks, such as checks: [{ name: errors, kind: eventRate, events: errors }]',
  suggestion: null,
  offset: 0,
};

/** Reads a policy file, YAML or JSON, or says every mistake in it. Never throws, whatever the text. */
export function readJudgePolicy(text: string, file: string): Result<SeriesPolicy, readonly ManifestProblem[]> {
  const mistakes: LocatedMistake[] = [];
  const [document, second] = yamlDocuments(text, 20, mistakes);
  mistakes.push(...(document?.mistakes ?? []));
  if (mistakes.length === 0 && (document === undefined || second !== undefined)) mistakes.push(NOTHING);
  const parsed = policy.safeParse(document?.value);
  if (mistakes.length === 0 && document !== undefined && !parsed.success)
    for (const found of explainIssues(document.value, parsed.error.issues))
      mistakes.push({ ...found, offset: document.offsetOf(found) });
  const positionOf = positionsIn(text);
  if (mistakes.length > 0 || !parsed.success)
    return err(mistakes.map((found) => toProblem(found, file, positionOf(found.offset))));
  const { checks, errorBudget, missRate, window, bake } = parsed.data;
  return ok({ checks, budget: errorBudget, missRate, windowMs: window, bakeMs: bake });
}

import { z } from 'zod';
import type { CheckSpec } from '../../core/analysis/checkSpec.ts';
import type { Margin } from '../../core/analysis/margin.ts';
import { always, asMapping, fields, mistake } from './fields.ts';
import { fraction, name, oneOf, word } from './scalars.ts';

const POSITIVE = 'a number above 0';
const positive = z.number({ error: POSITIVE }).positive({ error: POSITIVE }).describe(POSITIVE);
const MARGIN = 'a number in the unit of the metric, or a mapping with relative and absolute, such as { relative: 0.1 }';

/** How much worse than elsewhere is accepted. */
export const margin = z
  .union(
    [
      positive,
      fields(MARGIN, { relative: positive.optional(), absolute: positive.optional() }).refine(
        ({ relative, absolute }) => relative !== undefined || absolute !== undefined,
        { error: MARGIN },
      ),
    ],
    { error: MARGIN },
  )
  .describe(
    'how much worse is accepted: in the unit of the metric (for shares, 0.01 is a percentage point), or relative to the untouched targets',
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
  of: name
    .exactOptional()
    .describe(
      'a service that needs this one: its targets are judged instead, before against after; left out: the changed ones',
    ),
};

const worse = oneOf(['higher', 'lower', 'either']).exactOptional().describe('which way is worse; higher if left out');

/** A list item for each kind of check: one schema each. What they compute stands in `core/analysis/`. */
export function checkKinds(margin: z.ZodType<Margin>) {
  const kinds = {
    failureProportion: fields('a mapping with name, kind, failures, total and margin', {
      ...named,
      kind: z.literal('failureProportion'),
      failures: word.describe('the metric that counts failures'),
      total: word.describe('the metric that counts all of them'),
      worse,
      margin,
    }).superRefine((found: unknown, sink) => {
      const { failures, total } = asMapping(found);
      if (typeof failures === 'string' && failures === total) mistake(sink, ['total'], 'another metric than failures');
    }, always),
    eventRate: fields('a mapping with name, kind, events and margin', {
      ...named,
      kind: z.literal('eventRate'),
      events: word.describe('the metric that counts them; the margin is in events a target and minute'),
      worse,
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
      metric: word.describe('a histogram, or a figure with several values in each window'),
      quantile: fraction.describe('0.99 for p99'),
      margin,
    }),
    health: fields('a mapping with name, kind, metric and margin', {
      ...named,
      kind: z.literal('health'),
      metric: word.describe('1 where a target is well, 0 where it is not; an alert that fires is 0'),
      margin,
    }),
    vanished: fields('a mapping with name, kind, events and atLeast', {
      ...named,
      kind: z.literal('vanished'),
      events: word.describe('what should go on happening'),
      atLeast: fraction.default(0.5).describe('the share of what was usual that must be left; 0.5 if left out'),
    }),
  } as const satisfies { readonly [K in CheckSpec['kind']]: z.ZodType<Extract<CheckSpec, { kind: K }>> };
  const { failureProportion, eventRate, mean, quantile, health, vanished } = kinds;
  return z.discriminatedUnion('kind', [failureProportion, eventRate, mean, quantile, health, vanished], {
    error: (issue) => (issue.code === 'invalid_union' ? Object.keys(kinds).join(', ') : 'a mapping with name and kind'),
  });
}

import { z } from 'zod';
import { METRIC_FAULTS } from '../../core/analysis/metricFault.ts';
import { operation, READ } from './operation.ts';
import { count, instant, named, pageOf, pageQuery } from './schema.ts';

const standing = {
  state: z
    .enum(['ok', 'waiting', ...METRIC_FAULTS])
    .describe(
      'waiting: nothing was heard of it since the server started; the others are faults, and no metric passes with one',
    ),
  says: z
    .string()
    .describe('what is wrong, where, and what to do; of a source that is ok, what is worth knowing, if anything'),
  since: instant.describe('how long it has been in that state'),
  lastAnswerAt: instant.nullable().describe('when it last gave what could be used; null: not since the server started'),
};

export const sourceStatusBody = named(
  'SourceStatus',
  z.object({
    service: z.string(),
    name: z.string().describe("as the service's manifest calls it; otlp is what is sent to this server"),
    kind: z.enum(['prometheus', 'alertmanager', 'otlp']),
    url: z.string().nullable().describe('null for what is sent to this server'),
    ...standing,
    metrics: z.array(
      z.object({
        metric: z.string(),
        ...standing,
        targets: count.describe('of how many targets it had something when it last answered'),
      }),
    ),
  }),
);
export type SourceStatusBody = z.infer<typeof sourceStatusBody>;

export const listSources = operation({
  id: 'listSources',
  method: 'GET',
  path: '/v1/sources',
  tag: 'services',
  summary: 'Where metrics come from besides the agents, and how that goes, by service and name',
  access: READ,
  query: z.strictObject({ ...pageQuery.shape, service: z.string().optional() }),
  answers: { 200: { says: 'One page of sources.', schema: pageOf('SourcePage', sourceStatusBody) } },
  problems: [],
});

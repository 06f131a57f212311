import type { FastifyInstance } from 'fastify';
import type { MetricSources, SourceMetricView, SourceView } from '../../../engine/ports/metricSources.ts';
import { toInstant } from '../../../wire/http/schema.ts';
import { listSources, type SourceStatusBody } from '../../../wire/http/source.ts';
import { takePage } from '../page.ts';
import { type Sent, serve } from '../route.ts';

export function sourceRoutes(app: FastifyInstance, sources: Pick<MetricSources, 'views'>): void {
  serve(app, listSources, ({ query }) => {
    const accepts = ({ service }: SourceView) => service === (query.service ?? service);
    const keyOf = ({ service, name }: SourceView) => `${service}/${name}`;
    return takePage({ items: sources.views(), keyOf, accepts, toBody }, query);
  });
}

function toBody({ service, name, kind, url, metrics, ...view }: SourceView): Sent<SourceStatusBody> {
  const all = metrics.map((each) => ({ metric: each.metric, ...standing(each), targets: each.targets }));
  return { service, name, kind, url, ...standing(view), metrics: all };
}

function standing({
  state,
  says,
  since,
  lastAnswer,
}: Pick<SourceMetricView, 'state' | 'says' | 'since' | 'lastAnswer'>) {
  return { state, says, since: toInstant(since), lastAnswerAt: lastAnswer === null ? null : toInstant(lastAnswer) };
}

import { shortDigest } from '../../../../core/kernel/digest.ts';
import { sayMetric } from '../../../../core/topology/metric.ts';
import { addressOf, kindOfSource } from '../../../../core/topology/metricSource.ts';
import { getService, listServices, type ServiceView } from '../../../../wire/http/service.ts';
import type { ApiClient } from '../../apiClient.ts';
import { CliError } from '../../cliError.ts';
import { dependentsSay, neighboursSay } from '../../present/blastWords.ts';
import { floorSays } from '../../present/capacityFacts.ts';
import { type Fact, facts } from '../../present/facts.ts';
import type { Run } from '../../tree/runner.ts';
import { showList } from './showList.ts';
import { unknownName } from './unknownName.ts';

export const getServices: Run<{ limit: number }, [name?: string]> = async (context, { limit }, name) => {
  const client = await context.client();
  if (name === undefined) {
    return showList(context, await client.list(listServices, {}, limit), {
      columns: [
        { title: 'NAME' },
        { title: 'ROLES', shrinkTo: 12 },
        { title: 'SLOTS', shrinkTo: 12 },
        { title: 'DEPENDS ON', shrinkTo: 10 },
        { title: 'NEEDED BY', shrinkTo: 10 },
      ],
      row: (service) => [
        service.name,
        service.roles.join(', '),
        Object.keys(service.slots).join(', '),
        service.dependsOn.join(', ') || '-',
        service.neededBy.join(', ') || '-',
      ],
      none: 'No service is registered yet. "ringfence apply -f FILE" registers one.',
    });
  }
  const service = await oneService(client, name);
  context.output.document(service);
  context.output.lines(facts(serviceFacts(service), context.output.width));
  return 'done';
};

async function oneService(client: ApiClient, name: string): Promise<ServiceView> {
  try {
    return await client.call(getService, { params: { name } });
  } catch (error) {
    if (!(error instanceof CliError) || error.details.code !== 'unknown-service') throw error;
    const { items } = await client.list(listServices, {}, Number.POSITIVE_INFINITY);
    const names = items.map((each) => each.name);
    throw unknownName('service', name, names, 'ringfence get services');
  }
}

function trafficSays(traffic: NonNullable<ServiceView['traffic']>): string {
  return 'metric' in traffic ? `by metric ${traffic.metric}` : `by label ${traffic.label} of its targets`;
}

function serviceFacts(service: ServiceView): Fact[] {
  return [
    ['service', { text: service.name, tone: 'strong' }],
    ['roles', service.roles.join(', ')],
    ['needs', neighboursSay(service.dependencies) || 'nothing'],
    ['needed by', dependentsSay(service.dependents)],
    ...Object.entries(service.slots).map(([slot, spec]): Fact => {
      return [
        'slots',
        `${slot} on ${spec.roles.join(', ')}; at most ${spec.maxBytes} bytes${spec.schema === null ? '' : '; has a schema'}`,
      ];
    }),
    ...Object.entries(service.metrics).map(([name, metric]): Fact => ['metrics', `${name}: ${sayMetric(metric)}`]),
    ...Object.entries(service.sources ?? {}).map(([name, source]): Fact => {
      return ['sources', `${name}: ${kindOfSource(source)} at ${addressOf(source).url}`];
    }),
    ...(service.traffic === undefined ? [] : [['traffic', trafficSays(service.traffic)] satisfies Fact]),
    ...(service.capacity === undefined ? [] : [['capacity', floorSays(service.capacity)] satisfies Fact]),
    ...service.assignments.map((each): Fact => {
      const moving =
        each.candidate === null ? '' : `; ${each.candidate.rollout} brings ${shortDigest(each.candidate.artifact)}`;
      return ['in force', `${each.slot} on ${each.role}: ${shortDigest(each.lastKnownGood)}${moving}`];
    }),
  ];
}

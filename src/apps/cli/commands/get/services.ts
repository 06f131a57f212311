import { shortDigest } from '../../../../core/kernel/digest.ts';
import { listServices, type ServiceBody } from '../../../../wire/http/service.ts';
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
      ],
      row: (service) => [
        service.name,
        service.roles.join(', '),
        Object.keys(service.slots).join(', '),
        service.dependsOn.join(', ') || '-',
      ],
      none: 'No service is registered yet. "ringfence apply -f FILE" registers one.',
    });
  }
  const { items } = await client.list(listServices, {}, Number.POSITIVE_INFINITY);
  const service = items.find((each) => each.name === name);
  if (service === undefined)
    throw unknownName(
      'service',
      name,
      items.map((each) => each.name),
      'ringfence get services',
    );
  context.output.document(service);
  context.output.lines(facts(serviceFacts(service), context.output.width));
  return 'done';
};

function serviceFacts(service: ServiceBody): Fact[] {
  return [
    ['service', { text: service.name, tone: 'strong' }],
    ['roles', service.roles.join(', ')],
    ['depends on', service.dependsOn.join(', ') || 'nothing'],
    ...Object.entries(service.slots).map(([slot, spec]): Fact => {
      return [
        'slots',
        `${slot} on ${spec.roles.join(', ')}; at most ${spec.maxBytes} bytes${spec.schema === null ? '' : '; has a schema'}`,
      ];
    }),
    ...Object.entries(service.metrics).map(([metric, { counter }]): Fact => ['metrics', `${metric}: ${counter}`]),
    ...service.assignments.map((each): Fact => {
      const moving =
        each.candidate === null ? '' : `; ${each.candidate.rollout} brings ${shortDigest(each.candidate.artifact)}`;
      return ['in force', `${each.slot} on ${each.role}: ${shortDigest(each.lastKnownGood)}${moving}`];
    }),
  ];
}

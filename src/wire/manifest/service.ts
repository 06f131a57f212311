import type { z } from 'zod';
import type { Json } from '../../core/kernel/canonicalJson.ts';
import type { Service } from '../../core/topology/service.ts';
import { envelope } from './envelope.ts';
import { always, asList, asMapping, distinct, entries, fields, list, mistake } from './fields.ts';
import { jsonSchema } from './jsonSchema.ts';
import { metrics } from './metrics.ts';
import { duration, name, slotName, wholeNumber, word } from './scalars.ts';
import { size } from './size.ts';
import { sources, sourcesOfMetricsExist } from './sources.ts';
import { metricOfTrafficExists, traffic } from './trafficSource.ts';
import { shares, sharesFit, sharesOf } from './userShares.ts';

const MIB = 1024 * 1024;

const roleNames = list('a list of roles', name, 256).superRefine(...distinct('a role'));

const slot = fields('a mapping with roles, schema and maxBytes, all optional', {
  roles: roleNames.optional().describe('the roles that have this slot; left out: all'),
  schema: jsonSchema.optional().describe('JSON Schema that every new revision must satisfy before anything moves'),
  maxBytes: wholeNumber(1, 16 * MIB)
    .default(MIB)
    .describe('how large a revision may be; 1 MiB if left out, 16 MiB at most'),
});

const role = fields('a mapping, empty or with shares', { shares: shares.optional() });

const spec = fields('a mapping with roles, slots and metrics', {
  roles: entries('a mapping of one role or more, such as { web: {} }', name, role, 1),
  dependsOn: list('a list of services', name, 256)
    .superRefine(...distinct('a service'))
    .optional()
    .describe('the services that this one needs'),
  asynchronousPath: duration('366d')
    .optional()
    .describe('how late an effect of a request may come, by the longest asynchronous path: no bake is shorter'),
  traffic: traffic
    .optional()
    .describe('from where it is known how much traffic each target takes; left out: nobody knows'),
  capacity: fields('a mapping with domain and unavailable', {
    domain: word.describe('the label whose values are the failure domains, such as zone'),
    unavailable: size.describe(
      'how many targets of one role in one domain may be unavailable at once, on the way forward and back; a share is rounded down',
    ),
  })
    .optional()
    .describe('the floor under the service; left out: none'),
  slots: entries('a mapping of one slot or more', slotName, slot, 1),
  sources: sources.default({}).describe('servers that are asked for metrics, by name'),
  metrics: metrics.default({}),
})
  .superRefine(rolesOfSlotsExist, always)
  .superRefine(sharesFit, always)
  .superRefine(sourcesOfMetricsExist, always)
  .superRefine(metricOfTrafficExists, always);

export const serviceManifest = envelope('Service', spec).superRefine((manifest: unknown, sink) => {
  const { metadata, spec } = asMapping(manifest);
  const own = asMapping(metadata).name;
  asList(asMapping(spec).dependsOn).forEach((needed, index) => {
    if (needed === own) mistake(sink, ['spec', 'dependsOn', index], 'another service than this one');
  });
}, always);

function rolesOfSlotsExist(value: unknown, sink: Parameters<typeof mistake>[0]): void {
  const { roles, slots } = asMapping(value);
  const known = Object.keys(asMapping(roles));
  for (const [slotName, slot] of Object.entries(asMapping(slots))) {
    asList(asMapping(slot).roles).forEach((role, index) => {
      if (typeof role !== 'string' || known.length === 0 || known.includes(role)) return;
      mistake(sink, ['slots', slotName, 'roles', index], `one of the roles in spec.roles: ${known.join(', ')}`, {
        word: role,
        known,
      });
    });
  }
}

export function toService({ metadata, spec }: z.output<typeof serviceManifest>): Service {
  const roles = Object.keys(spec.roles);
  const slots = Object.entries(spec.slots).map(([slotName, slot]) => [
    slotName,
    { roles: slot.roles ?? roles, schema: (slot.schema as Json | undefined) ?? null, maxBytes: slot.maxBytes },
  ]);
  return {
    name: metadata.name,
    roles,
    slots: Object.fromEntries(slots),
    metrics: spec.metrics,
    ...(Object.keys(spec.sources).length === 0 ? {} : { sources: spec.sources }),
    dependsOn: spec.dependsOn ?? [],
    ...(spec.asynchronousPath === undefined ? {} : { asynchronousPathMs: spec.asynchronousPath }),
    ...(spec.capacity === undefined ? {} : { capacity: spec.capacity }),
    ...(spec.traffic === undefined ? {} : { traffic: spec.traffic }),
    ...sharesOf(spec.roles),
  };
}

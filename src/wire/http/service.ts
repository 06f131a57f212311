import { z } from 'zod';
import { neighbourBody } from './blast.ts';
import { metricBody } from './metric.ts';
import { sourceBody } from './metricSource.ts';
import { operation, READ } from './operation.ts';
import { count, digest, named, nameParams, pageOf, pageQuery } from './schema.ts';

const slotSpec = named(
  'SlotSpec',
  z.object({
    roles: z.array(z.string()),
    schema: z.unknown().describe('JSON Schema a new revision must satisfy; null for none'),
    maxBytes: count,
  }),
);

const selector = z.record(z.string(), z.array(z.string())).describe('each label must have one of the values');

const opening = named(
  'Opening',
  z.object({
    stage: z.string(),
    targets: selector,
    below: z.number().min(0).max(1).describe('targets whose place is below this take the candidate'),
  }),
);

const assignmentBody = named(
  'Assignment',
  z.object({
    role: z.string(),
    slot: z.string(),
    generation: count.describe('position in the log of the event that last changed it'),
    lastKnownGood: digest.nullable().describe('null is the baseline: what a target held before'),
    keptLastKnownGoods: z.array(digest).describe('newest last'),
    candidate: z
      .object({ rollout: z.string(), change: digest, artifact: digest, openings: z.array(opening) })
      .nullable(),
  }),
);

const size = z.union([z.object({ count }), z.object({ share: z.number() })]);

export const capacityBody = named(
  'Capacity',
  z.object({
    domain: z.string().describe('the label whose values are the failure domains'),
    unavailable: size.describe('how many targets of one role in one domain may be unavailable at once'),
  }),
);

/** How one failure domain stands against its floor. */
export const domainBody = named(
  'FailureDomain',
  z.object({
    role: z.string(),
    value: z.string().describe("of the capacity's label; empty for targets without it"),
    targets: count,
    unavailable: count,
    budget: count.describe('how many may be unavailable'),
    names: z.array(z.string()).describe('of unavailable ones, at most 5'),
  }),
);

export const serviceBody = named(
  'Service',
  z.object({
    name: z.string(),
    roles: z.array(z.string()),
    slots: z.record(z.string(), slotSpec),
    metrics: z.record(z.string(), metricBody),
    sources: z
      .record(z.string(), sourceBody)
      .optional()
      .describe('servers that are asked for some of the metrics, by name'),
    dependsOn: z.array(z.string()).describe('as its manifest says it'),
    neededBy: z.array(z.string()).describe('what needs it directly, from manifests and catalogues'),
    traffic: z
      .union([z.object({ metric: z.string() }), z.object({ label: z.string() })])
      .optional()
      .describe('from where it is known how much traffic each target takes; left out: nobody knows'),
    shares: z
      .record(z.string(), z.record(z.string(), count))
      .optional()
      .describe('by role: the parts of its users in each ring; left out: every member is a target of its own'),
    asynchronousPathMs: z.number().optional().describe('no bake is shorter'),
    capacity: capacityBody.optional().describe('left out: no floor is asked for'),
    assignments: z.array(assignmentBody).describe('what the targets of each role are to hold in each slot'),
  }),
);
export type ServiceBody = z.infer<typeof serviceBody>;

/** One service, with everything up and down from it. */
export const serviceView = named(
  'ServiceView',
  z.object({
    ...serviceBody.shape,
    dependencies: z.array(neighbourBody).describe('everything it needs, directly or through others, by distance'),
    dependents: z.array(neighbourBody).describe('everything that needs it, directly or through others, by distance'),
  }),
);
export type ServiceView = z.infer<typeof serviceView>;

export const servicePage = pageOf('ServicePage', serviceBody);
export type ServicePage = z.infer<typeof servicePage>;

export { opening as openingBody, selector as selectorBody, size as sizeBody };

export const listServices = operation({
  id: 'listServices',
  method: 'GET',
  path: '/v1/services',
  tag: 'services',
  summary: 'All services, by name',
  access: READ,
  query: pageQuery,
  answers: { 200: { says: 'One page of services.', schema: servicePage } },
  problems: [],
});

export const getService = operation({
  id: 'getService',
  method: 'GET',
  path: '/v1/services/:name',
  tag: 'services',
  summary: 'One service: what its targets are to hold, what it needs, and what needs it',
  access: READ,
  params: nameParams,
  answers: { 200: { says: 'The service.', schema: serviceView } },
  problems: ['unknown-service'],
});

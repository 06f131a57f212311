import { z } from 'zod';
import { operation, READ, STORE_PROBLEMS } from './operation.ts';
import { count, digest, instant, named, pageOf, pageQuery } from './schema.ts';

const slotReport = named(
  'SlotReport',
  z.object({
    slot: z.string(),
    generation: count,
    phase: z.enum(['settled', 'preparing', 'applying', 'verifying', 'provisional', 'reverting', 'failed']),
    current: digest.nullable().describe('what is in force, read back from the target; null when unknown'),
    baseline: digest.nullable(),
    failed: digest.nullable().describe('the revision last reverted or not applied'),
    failureCode: z.string(),
    failure: z.string(),
    verifiedBy: z.string(),
  }),
);

export const targetBody = named(
  'Target',
  z.object({
    uid: z.string(),
    name: z.string(),
    service: z.string(),
    role: z.string(),
    labels: z.record(z.string(), z.string()),
    connected: z.boolean(),
    lastHeardAt: instant.nullable(),
    report: z
      .object({
        slots: z.array(slotReport),
        checks: z.array(z.object({ name: z.string(), healthy: z.boolean(), detail: z.string() })),
      })
      .nullable()
      .describe('what the target last said of itself; null when it has not spoken since the server started'),
    desired: z.record(z.string(), digest.nullable()).describe('what each slot should hold; null is the baseline'),
  }),
);
export type TargetBody = z.infer<typeof targetBody>;

export const targetPage = pageOf('TargetPage', targetBody);
export type TargetPage = z.infer<typeof targetPage>;

const labelMatch = z.string().regex(/^[^=]+=.*$/s);

/** All that are given must hold. `label` may be repeated. */
export const targetQuery = z.strictObject({
  ...pageQuery.shape,
  service: z.string().optional(),
  role: z.string().optional(),
  label: z
    .union([labelMatch.transform((one) => [one]), z.array(labelMatch).max(20)], {
      error: 'expected NAME=VALUE, as in label=ring=canary',
    })
    .optional()
    .describe('NAME=VALUE; may be repeated'),
  connected: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
});

export const listTargets = operation({
  id: 'listTargets',
  method: 'GET',
  path: '/v1/targets',
  tag: 'targets',
  summary: 'Targets with what they last reported, by service and name',
  access: READ,
  query: targetQuery,
  answers: { 200: { says: 'One page of targets.', schema: targetPage } },
  problems: [],
});

const uidParams = z.strictObject({
  uid: z.string().regex(/^[0-9a-f]{32}$/, 'expected 32 lower-case hexadecimal digits'),
});

export const getTarget = operation({
  id: 'getTarget',
  method: 'GET',
  path: '/v1/targets/:uid',
  tag: 'targets',
  summary: 'One target by its instance uid',
  access: READ,
  params: uidParams,
  answers: { 200: { says: 'The target.', schema: targetBody } },
  problems: ['unknown-target'],
});

export const retireTarget = operation({
  id: 'retireTarget',
  method: 'DELETE',
  path: '/v1/targets/:uid',
  tag: 'targets',
  summary: 'Forget a target that is gone for good, so that no rollout waits for it; it may enrol again',
  access: 'goOn',
  params: uidParams,
  answers: { 204: { says: 'It is forgotten.', schema: null } },
  problems: ['unknown-target', 'in-use', 'not-possible-now', ...STORE_PROBLEMS],
});

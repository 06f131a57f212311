import { z } from 'zod';
import { operation, READ } from './operation.ts';
import { named } from './schema.ts';

/** The process answers. Says what it is, so that a second start can tell a Ringfence from a stranger on its port. */
export const healthBody = named(
  'Health',
  z.object({ status: z.literal('ok'), product: z.literal('ringfence'), version: z.string() }),
);
export type HealthBody = z.infer<typeof healthBody>;

/** Whether commands can be carried out now (200), and if not (503), why. */
export const readinessBody = named('Readiness', z.object({ ready: z.boolean(), says: z.string() }));
export type ReadinessBody = z.infer<typeof readinessBody>;

export const getHealth = operation({
  id: 'getHealth',
  method: 'GET',
  path: '/healthz',
  tag: 'operation',
  summary: 'Whether the process answers',
  access: 'anyone',
  answers: { 200: { says: 'It does.', schema: healthBody } },
  problems: [],
});

export const getReadiness = operation({
  id: 'getReadiness',
  method: 'GET',
  path: '/readyz',
  tag: 'operation',
  summary: 'Whether commands can be carried out now',
  access: 'anyone',
  answers: {
    200: { says: 'They can.', schema: readinessBody },
    503: { says: 'They cannot; `says` is why.', schema: readinessBody },
  },
  problems: [],
});

export const getMetrics = operation({
  id: 'getMetrics',
  method: 'GET',
  path: '/metrics',
  tag: 'operation',
  summary: 'Figures about this server, as Prometheus reads them',
  access: READ,
  answers: { 200: { says: 'Prometheus text exposition.', schema: z.string(), mediaType: 'text/plain' } },
  problems: [],
});

export const getOpenApi = operation({
  id: 'getOpenApi',
  method: 'GET',
  path: '/v1/openapi.json',
  tag: 'operation',
  summary: 'This description',
  access: 'anyone',
  answers: { 200: { says: 'An OpenAPI 3.1 document.', schema: z.record(z.string(), z.unknown()) } },
  problems: [],
});

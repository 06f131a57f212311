import { z } from 'zod';
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

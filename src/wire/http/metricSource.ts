import { z } from 'zod';
import { named } from './schema.ts';

const address = {
  url: z.string(),
  secret: z.string().exactOptional().describe('its name'),
};

/** A server that is asked for metrics, as its service's manifest has it. */
export const sourceBody = named(
  'MetricSource',
  z.union([
    z.object({ prometheus: z.object(address) }),
    z.object({
      alertmanager: z.object({
        ...address,
        watchdog: z
          .record(z.string(), z.string())
          .exactOptional()
          .describe('labels of an alert that always fires: without it nothing is believed'),
      }),
    }),
  ]),
);

import { z } from 'zod';
import { named } from './schema.ts';

const text = z.string();
const labels = z.record(text, text);

/** From where a metric is known: exactly one of these. */
export const metricBody = named(
  'Metric',
  z.union([
    z.object({ counter: text }),
    z.object({ gauge: text }),
    z.object({ histogram: text }),
    z.object({ check: text }),
    z.object({ health: text }),
    z.object({ query: text, source: text, target: text, as: z.literal('counter').exactOptional() }),
    z.object({ otlp: text, where: labels.exactOptional(), target: text }),
    z.object({ alert: labels, source: text, target: text }),
  ]),
);

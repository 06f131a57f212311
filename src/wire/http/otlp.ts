import { z } from 'zod';
import { operation } from './operation.ts';
import { named } from './schema.ts';

/** The media types of OTLP over HTTP. */
export const OTLP_TYPES = ['application/x-protobuf', 'application/json'] as const;
export type OtlpType = (typeof OTLP_TYPES)[number];

const exportAnswer = named(
  'OtlpExportAnswer',
  z.object({
    partialSuccess: z
      .object({
        rejectedDataPoints: z.string().optional().describe('a whole number'),
        errorMessage: z.string().optional(),
      })
      .optional()
      .describe('left out: all of it was taken'),
  }),
);

export const exportMetrics = operation({
  id: 'exportMetrics',
  method: 'POST',
  path: '/otlp/v1/metrics',
  tag: 'metrics',
  summary: 'Take metrics from OpenTelemetry SDKs and collectors (OTLP, protobuf or JSON)',
  access: 'sendMetrics',
  rawBodies: OTLP_TYPES,
  bodyLimit: 4 * 1024 * 1024,
  answers: {
    200: { says: 'Taken; what could not be used is counted. In the type of the request.', schema: exportAnswer },
  },
  problems: ['too-busy', 'store-unavailable'],
});

import { z } from 'zod';
import { fields } from './fields.ts';
import { name } from './scalars.ts';

/** The only version of our manifests so far. */
export const API_VERSION = 'ringfence.dev/v1';

const metadata = fields('a mapping with name', { name });

/** What every manifest has around its `spec`. */
export function envelope<Kind extends string, Spec extends z.ZodType>(kind: Kind, spec: Spec) {
  return fields('a mapping with apiVersion, kind, metadata and spec', {
    apiVersion: z.literal(API_VERSION, { error: API_VERSION }),
    kind: z.literal(kind, { error: kind }),
    metadata,
    spec,
  });
}

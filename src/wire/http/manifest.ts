import { z } from 'zod';
import { operation, STORE_PROBLEMS } from './operation.ts';
import { digest, named } from './schema.ts';

/**
 * Manifests as JSON: the same documents as in YAML, with the bytes of a change's slots inlined as `content` (text) or
 * `base64`. The documents' own shapes are those of the manifests' JSON Schemas.
 */
export const applyRequest = named(
  'ApplyRequest',
  z.strictObject({ documents: z.array(z.record(z.string(), z.unknown())).min(1).max(1000) }),
);
export type ApplyRequest = z.infer<typeof applyRequest>;

export const applyResponse = named(
  'ApplyResponse',
  z.object({
    applied: z.array(
      z.object({
        kind: z.enum(['Service', 'Pipeline', 'Change', 'Freeze', 'Catalog']),
        name: z.string(),
        outcome: z.enum(['created', 'replaced', 'unchanged']),
        digest: digest.optional().describe('of a change'),
      }),
    ),
  }),
);
export type ApplyResponse = z.infer<typeof applyResponse>;

export const MANIFEST_BODY_LIMIT = 64 * 1024 * 1024;

export const applyManifests = operation({
  id: 'applyManifests',
  method: 'POST',
  path: '/v1/manifests',
  tag: 'manifests',
  summary: 'Register services, pipelines, changes, freezes and catalogues: all or none. Repeating it changes nothing',
  access: 'author',
  body: applyRequest,
  textBodies: ['application/yaml'],
  bodyLimit: MANIFEST_BODY_LIMIT,
  answers: { 200: { says: 'What became of each manifest, in order.', schema: applyResponse } },
  problems: [
    'manifest-invalid',
    'malformed',
    'unknown-service',
    'unknown-role',
    'unknown-slot',
    'unknown-metric',
    'unknown-kind',
    'content-too-large',
    'content-invalid',
    'change-differs',
    'freeze-invalid',
    'rule-invalid',
    'in-use',
    'name-taken',
    ...STORE_PROBLEMS,
  ],
});

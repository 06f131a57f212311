import { z } from 'zod';
import { operation, STORE_PROBLEMS } from './operation.ts';
import { digestParams } from './schema.ts';

export const getArtifact = operation({
  id: 'getArtifact',
  method: 'GET',
  path: '/v1/artifacts/:digest',
  tag: 'changes',
  summary: 'Bytes by their digest',
  access: 'readArtifact',
  params: digestParams,
  answers: {
    200: {
      says: 'The bytes. They never change: cache them for ever.',
      schema: z.string().meta({ format: 'binary' }),
      mediaType: 'application/octet-stream',
    },
    304: { says: 'You have them already, by your `If-None-Match`.', schema: null },
  },
  problems: ['not-found', ...STORE_PROBLEMS],
});

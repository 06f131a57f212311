import type { FastifyInstance } from 'fastify';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { getArtifact } from '../../../wire/http/artifact.ts';
import { isNamedBy } from '../entityTag.ts';
import { HttpProblem } from '../httpProblem.ts';
import { serve } from '../route.ts';

export function artifactRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  serve(app, getArtifact, async ({ params, request, reply }) => {
    const bytes = await controlPlane.fleet.artifact(params.digest);
    if (bytes === null) throw new HttpProblem('not-found', `there are no bytes with the digest ${params.digest}`);
    const tag = `"${params.digest}"`;
    reply.header('etag', tag).header('cache-control', 'private, max-age=31536000, immutable');
    if (isNamedBy(tag, request.headers['if-none-match'])) {
      reply.code(304);
      return undefined;
    }
    // Whatever the bytes are, a browser must not run them as a page of ours.
    reply
      .header('content-type', 'application/octet-stream')
      .header('content-disposition', 'attachment')
      .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return undefined;
  });
}

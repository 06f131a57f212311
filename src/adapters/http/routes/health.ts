import type { FastifyInstance } from 'fastify';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { getHealth, getMetrics, getOpenApi, getReadiness } from '../../../wire/http/health.ts';
import type { ServerMetrics } from '../metrics.ts';
import { openApiDocument } from '../openApiDocument.ts';
import { serve } from '../route.ts';

export function healthRoutes(
  app: FastifyInstance,
  controlPlane: ControlPlane,
  metrics: ServerMetrics,
  version: string,
): void {
  serve(app, getHealth, () => ({ status: 'ok' as const, product: 'ringfence' as const, version }));

  serve(app, getReadiness, ({ reply }) => {
    const { ready, says } = controlPlane.readiness();
    if (!ready) reply.code(503);
    return { ready, says };
  });

  serve(app, getMetrics, async ({ reply }) => {
    reply.header('content-type', metrics.contentType);
    return await metrics.text();
  });

  const document = openApiDocument(version);
  serve(app, getOpenApi, () => document);
}

import type { FastifyInstance } from 'fastify';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { listPipelines } from '../../../wire/http/pipeline.ts';
import { everything, takePage } from '../page.ts';
import { serve } from '../route.ts';

export function pipelineRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  serve(app, listPipelines, ({ query }) => {
    const items = [...controlPlane.world().pipelines.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return takePage({ items, keyOf: ({ name }) => name, accepts: everything, toBody: (pipeline) => pipeline }, query);
  });
}

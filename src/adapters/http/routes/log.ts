import type { FastifyInstance } from 'fastify';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { readLog, verifyLog } from '../../../wire/http/log.ts';
import { toEvent } from '../eventBody.ts';
import { serve } from '../route.ts';

export function logRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  serve(app, readLog, async ({ query }) => {
    const events = await controlPlane.log(query.after, query.limit);
    return { items: events.map(toEvent), head: Math.max(controlPlane.world().position, events.at(-1)?.position ?? 0) };
  });
  serve(app, verifyLog, () => controlPlane.verifyLog());
}

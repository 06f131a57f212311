import type { FastifyInstance } from 'fastify';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { followEvents } from '../../../wire/http/live.ts';
import { HttpProblem } from '../httpProblem.ts';
import type { LiveHub } from '../liveHub.ts';
import { serve } from '../route.ts';
import type { Sessions } from '../sessions.ts';

export function eventRoutes(app: FastifyInstance, controlPlane: ControlPlane, hub: LiveHub, sessions: Sessions): void {
  serve(app, followEvents, ({ query, request, reply }) => {
    const head = controlPlane.world().position;
    const after = lastEventId(request.headers['last-event-id']) ?? query.after ?? head;
    if (after > head) {
      throw new HttpProblem('invalid-request', `cannot resume after ${after}: the log ends at ${head}`, {
        remedy: 'this is another log than the one you followed, or an older state of it; begin again',
      });
    }
    if (hub.full) {
      throw new HttpProblem(
        'too-many-streams',
        `${hub.clients} live streams are open, and no more are allowed`,
        {},
        { 'retry-after': '10' },
      );
    }
    reply.hijack();
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
    reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...headers });
    const { tokenId, sessionSecret } = request.caller;
    const end = hub.join(reply.raw, { after, fleet: query.fleet ?? null, tokenId });
    if (sessionSecret !== null) reply.raw.once('close', sessions.onEnd(sessionSecret, end));
    return '';
  });
}

function lastEventId(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw new HttpProblem('invalid-request', `last-event-id: expected the position of an event, found "${header}"`);
}

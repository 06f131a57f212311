import type { FastifyInstance } from 'fastify';
import { LONGEST_LOOK_MS } from '../../../engine/ports/calendar.ts';
import type { ControlPlane, FreezeView } from '../../../engine/ports/controlPlane.ts';
import { getFreezeCalendar, ICALENDAR_TYPE, listFreezes, removeFreeze } from '../../../wire/http/freeze.ts';
import { toFreeze } from '../freezeBodies.ts';
import { granted, HttpProblem } from '../httpProblem.ts';
import { takePage } from '../page.ts';
import { serve } from '../route.ts';

const SHOWN_MS = 90 * 86_400_000;

export function freezeRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  serve(app, listFreezes, ({ query }) => {
    const from = query.from === undefined ? controlPlane.now() : Date.parse(query.from);
    const until = query.until === undefined ? from + SHOWN_MS : Date.parse(query.until);
    if (!(from < until && until - from <= LONGEST_LOOK_MS))
      throw new HttpProblem('invalid-request', 'query.until: expected a moment after `from`, by five years at most');
    const { service } = query;
    const items = [...controlPlane.freezeViews(from, until)].sort((a, b) => (a.freeze.name < b.freeze.name ? -1 : 1));
    const list = {
      items,
      keyOf: ({ freeze }: FreezeView) => freeze.name,
      accepts: ({ freeze }: FreezeView) =>
        service === undefined || freeze.services.length === 0 || freeze.services.includes(service),
      toBody: toFreeze,
    };
    return takePage(list, query);
  });

  serve(app, getFreezeCalendar, ({ reply }) => {
    reply.header('content-type', ICALENDAR_TYPE).header('content-disposition', 'inline; filename="freezes.ics"');
    return controlPlane.freezesAsICalendar();
  });

  serve(app, removeFreeze, async ({ actor, params }) => {
    granted(await controlPlane.removeFreeze(actor, params.name));
    return undefined;
  });
}

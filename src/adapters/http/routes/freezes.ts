import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { LONGEST_LOOK_MS } from '../../../engine/ports/calendar.ts';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import {
  type FreezeBody,
  getFreezeCalendar,
  ICALENDAR_TYPE,
  listFreezes,
  removeFreeze,
} from '../../../wire/http/freeze.ts';
import { toFreeze } from '../freezeBodies.ts';
import { granted, HttpProblem } from '../httpProblem.ts';
import { takePage } from '../page.ts';
import { type Sent, serve } from '../route.ts';

const SHOWN_MS = 90 * 86_400_000;

export function freezeRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  serve(app, listFreezes, async ({ query }) => {
    const from = query.from === undefined ? controlPlane.now() : Date.parse(query.from);
    const until = query.until === undefined ? from + SHOWN_MS : Date.parse(query.until);
    if (!(from < until && until - from <= LONGEST_LOOK_MS))
      throw new HttpProblem('invalid-request', 'query.until: expected a moment after `from`, by two years at most');
    const { service } = query;
    const recorded = [...controlPlane.world().freezes.values()];
    const page = takePage(
      {
        items: recorded.sort((a, b) => (a.freeze.name < b.freeze.name ? -1 : 1)),
        keyOf: ({ freeze }) => freeze.name,
        accepts: ({ freeze: { services } }) =>
          service === undefined || services.length === 0 || services.includes(service),
        toBody: (each) => each,
      },
      query,
    );
    const items: Sent<FreezeBody>[] = [];
    for (const each of page.items) {
      items.push(toFreeze(each, controlPlane.freezeWindows(each.freeze, from, until)));
      // Years of many freezes are work: whoever else asks meanwhile is answered.
      await setImmediate();
    }
    return { items, next: page.next };
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

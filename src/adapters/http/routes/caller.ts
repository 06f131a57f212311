import type { FastifyInstance } from 'fastify';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { getCaller } from '../../../wire/http/caller.ts';
import { listPeople } from '../../../wire/http/people.ts';
import { serve } from '../route.ts';

export function callerRoutes(app: FastifyInstance, controlPlane: Pick<ControlPlane, 'world'>): void {
  serve(app, listPeople, () => ({ people: Object.fromEntries(controlPlane.world().people) }));
  serve(app, getCaller, ({ request }) => {
    const { person, role, tokenId } = request.caller;
    return { person: person ?? 'anonymous', role: role ?? 'viewer', token: tokenId };
  });
}

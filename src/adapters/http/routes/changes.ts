import type { FastifyInstance } from 'fastify';
import type { Change } from '../../../core/policy/change.ts';
import type { World } from '../../../core/record/world.ts';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { type ChangeBody, getChange, listChanges } from '../../../wire/http/change.ts';
import { toInstant } from '../../../wire/http/schema.ts';
import { isNamedBy } from '../entityTag.ts';
import { HttpProblem } from '../httpProblem.ts';
import { takePage } from '../page.ts';
import { type Sent, serve } from '../route.ts';

export function changeRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  serve(app, listChanges, ({ query }) => {
    const world = controlPlane.world();
    const list = {
      items: [...world.changes.values()].reverse(),
      keyOf: ({ digest }: Change) => digest,
      accepts: ({ service, name }: Change) => service === (query.service ?? service) && name === (query.name ?? name),
      toBody: (change: Change) => toChange(change, world),
    };
    return takePage(list, query);
  });

  serve(app, getChange, ({ params, request, reply }) => {
    const world = controlPlane.world();
    const change = world.changes.get(params.digest);
    if (change === undefined) throw new HttpProblem('unknown-change', `there is no change ${params.digest}`);
    // A change never changes; all that can be said of it later is that it cannot be undone, and that it was quarantined.
    const said = change.irreversible === undefined ? '' : '-irreversible';
    const tag = `"${change.digest}${said}${world.quarantine.has(change.digest) ? '-quarantined' : ''}"`;
    reply.header('etag', tag);
    if (!isNamedBy(tag, request.headers['if-none-match'])) return toChange(change, world);
    reply.code(304);
    return undefined;
  });
}

function toChange(change: Change, world: World): Sent<ChangeBody> {
  const quarantined = world.quarantine.get(change.digest);
  const quarantine =
    quarantined === undefined
      ? null
      : { rollout: quarantined.rollout, says: quarantined.says, at: toInstant(quarantined.at) };
  return { ...change, quarantine };
}

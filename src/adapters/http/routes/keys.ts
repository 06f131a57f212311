import type { FastifyInstance } from 'fastify';
import type { RecordedKey } from '../../../core/record/world.ts';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { type KeyBody, listKeys, retireKey, rotateKey } from '../../../wire/http/key.ts';
import { toInstant } from '../../../wire/http/schema.ts';
import { granted } from '../httpProblem.ts';
import { everything, takePage } from '../page.ts';
import { type Sent, serve } from '../route.ts';

export function keyRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  serve(app, listKeys, ({ query }) => {
    const items = [...controlPlane.world().keys.values()];
    return takePage({ items, keyOf: ({ id }) => id, accepts: everything, toBody: toKey }, query);
  });
  serve(app, rotateKey, async ({ actor }) => toKey(await controlPlane.rotateKey(actor)));
  serve(app, retireKey, async ({ actor, params }) => toKey(granted(await controlPlane.retireKey(actor, params.id))));
}

function toKey({ id, publicKey, announcement, addedAt, retiredAt }: RecordedKey): Sent<KeyBody> {
  return {
    id,
    publicKey,
    announcedBy: announcement?.key ?? null,
    addedAt: toInstant(addedAt),
    retiredAt: retiredAt === null ? null : toInstant(retiredAt),
  };
}

import type { FastifyInstance } from 'fastify';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { getHalt, type HaltBody, haltLine, liftHalt } from '../../../wire/http/halt.ts';
import { toInstant } from '../../../wire/http/schema.ts';
import { granted } from '../httpProblem.ts';
import { type Sent, serve } from '../route.ts';

export function haltRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  const stands = (): Sent<HaltBody> => {
    const { halted } = controlPlane.world();
    return { halt: halted === null ? null : { by: halted.by, reason: halted.reason, at: toInstant(halted.at) } };
  };

  serve(app, getHalt, stands);
  serve(app, haltLine, async ({ actor, body }) => {
    granted(await controlPlane.halt(actor, body.reason));
    return stands();
  });
  serve(app, liftHalt, async ({ actor, query }) => {
    granted(await controlPlane.lift(actor, query.reason));
    return stands();
  });
}

import type { FastifyInstance } from 'fastify';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { getBlame } from '../../../wire/http/blame.ts';
import { toInstant } from '../../../wire/http/schema.ts';
import { granted } from '../httpProblem.ts';
import { serve } from '../route.ts';

export function blameRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  serve(app, getBlame, ({ query }) => {
    const { since, ...blame } = granted(controlPlane.blame(query.service));
    return { ...blame, since: since === null ? null : toInstant(since) };
  });
}

import type { FastifyInstance } from 'fastify';
import type { Token } from '../../../core/record/world.ts';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { toInstant } from '../../../wire/http/schema.ts';
import { issueToken, listTokens, revokeToken, type TokenBody } from '../../../wire/http/token.ts';
import { granted, HttpProblem } from '../httpProblem.ts';
import { everything, takePage } from '../page.ts';
import { type Sent, serve } from '../route.ts';

export function tokenRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  serve(app, listTokens, ({ query }) => {
    const items = [...controlPlane.world().tokens.values()];
    return takePage({ items, keyOf: ({ id }) => id, accepts: everything, toBody: toToken }, query);
  });

  serve(app, issueToken, async ({ actor, body, reply }) => {
    const { id, secret } = await controlPlane.issueToken(actor, body.role, body.name);
    const token = controlPlane.world().tokens.get(id);
    if (token === undefined) throw new HttpProblem('internal', `token ${id} was revoked before it could be handed out`);
    reply.header('cache-control', 'no-store');
    return { ...toToken(token), secret };
  });

  serve(app, revokeToken, async ({ actor, params }) => {
    granted(await controlPlane.revokeToken(actor, params.id));
    return undefined;
  });
}

function toToken({ id, role, name, at }: Token): Sent<TokenBody> {
  return { id, role, name, issuedAt: toInstant(at) };
}

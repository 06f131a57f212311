import type { FastifyInstance } from 'fastify';
import { getCaller } from '../../../wire/http/caller.ts';
import { serve } from '../route.ts';

export function callerRoutes(app: FastifyInstance): void {
  serve(app, getCaller, ({ request }) => {
    const { person, role, tokenId } = request.caller;
    return { person: person ?? 'anonymous', role: role ?? 'viewer', token: tokenId };
  });
}

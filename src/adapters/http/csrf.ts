import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { CSRF_HEADER } from '../../wire/http/session.ts';
import { HttpProblem } from './httpProblem.ts';
import type { Session } from './sessions.ts';

/**
 * Refuses a request that changes something in a session unless the console itself sent it: by where the browser says that it comes from,
 * and by the session's own word, which no other page can read.
 */
export function refuseForgery({ csrf }: Session, request: FastifyRequest): void {
  refuseOtherOrigins(request);
  const given = request.headers[CSRF_HEADER];
  if (typeof given === 'string' && isSame(given, csrf)) return;
  throw new HttpProblem('forbidden', `a session was used without its own ${CSRF_HEADER}`, {
    remedy: 'send what GET /v1/session says, or a token in place of the cookie',
  });
}

/** Refuses what a page of somebody else's made the browser send. Programs that are no browsers say nothing of where they come from. */
export function refuseOtherOrigins({ headers, protocol, host }: FastifyRequest): void {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  const isForeign = origin !== undefined && origin !== `${protocol}://${host}`;
  const isCrossing = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (!isForeign && !isCrossing) return;
  throw new HttpProblem('forbidden', `this was sent by a page of ${origin ?? 'another site'}, not by the console`, {
    remedy: 'open the console at the address of this server',
  });
}

/** Takes as long for a near miss as for a far one. */
function isSame(given: string, expected: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}

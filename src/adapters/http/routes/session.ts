import type { FastifyInstance } from 'fastify';
import { refuseCaller } from '../../../core/policy/authority.ts';
import type { Token } from '../../../core/record/world.ts';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { toInstant } from '../../../wire/http/schema.ts';
import { getSession, type SessionBody, signIn, signOut } from '../../../wire/http/session.ts';
import { refuseForgery, refuseOtherOrigins } from '../csrf.ts';
import { HttpProblem, refusalProblem } from '../httpProblem.ts';
import { type Sent, serve } from '../route.ts';
import { giveCookie, sessionSecretOf, takeCookieBack } from '../sessionCookie.ts';
import type { Session, Sessions } from '../sessions.ts';

export function sessionRoutes(
  app: FastifyInstance,
  controlPlane: Pick<ControlPlane, 'tokenOf' | 'now'>,
  sessions: Sessions,
  anonymousViewer: boolean,
): void {
  serve(app, getSession, ({ request }) => {
    const secret = sessionSecretOf(request);
    const found = secret === null ? null : sessions.find(secret);
    return { session: found === null ? null : toSession(found.session, found.token), anonymousViewer };
  });

  serve(app, signIn, ({ body, request, reply }) => {
    // Nobody is signed in as somebody else by a page of a stranger's.
    refuseOtherOrigins(request);
    const token = controlPlane.tokenOf(body.token);
    if (token === null)
      throw new HttpProblem('unauthenticated', 'the token is not known here, or it was revoked', {
        remedy: 'an admin makes tokens; the first one was shown when the server first started',
      });
    const refusal = refuseCaller({ person: token.name, role: token.role }, 'read');
    if (refusal !== null) throw refusalProblem([refusal]);
    const before = sessionSecretOf(request);
    if (before !== null) sessions.end(before);
    const { secret, session } = sessions.open(token);
    giveCookie(request, reply, secret, session.expires - controlPlane.now());
    return toSession(session, token);
  });

  serve(app, signOut, ({ request, reply }) => {
    refuseOtherOrigins(request);
    const secret = sessionSecretOf(request);
    const found = secret === null ? null : sessions.find(secret);
    if (secret !== null && found !== null) {
      refuseForgery(found.session, request);
      sessions.end(secret);
    }
    takeCookieBack(request, reply);
    return undefined;
  });
}

function toSession({ csrf, expires }: Session, { id, name, role }: Token): Sent<SessionBody> {
  return { person: name, role, token: id, csrf, expires: toInstant(expires) };
}

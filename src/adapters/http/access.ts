import type { FastifyRequest } from 'fastify';
import { refuseCaller, rolesFor, type TokenRole } from '../../core/policy/authority.ts';
import type { Token } from '../../core/record/world.ts';
import type { ControlPlane } from '../../engine/ports/controlPlane.ts';
import type { Operation } from '../../wire/http/operation.ts';
import { refuseForgery } from './csrf.ts';
import { HttpProblem, refusalProblem } from './httpProblem.ts';
import { sessionSecretOf } from './sessionCookie.ts';
import type { Sessions } from './sessions.ts';

export interface Caller {
  /** For the record: `token:<id>` or `anonymous`. */
  readonly actor: string;
  /** `null` for anonymous callers. */
  readonly tokenId: string | null;
  readonly role: TokenRole | null;
  /** Whose token it is; `null` for anonymous callers. */
  readonly person: string | null;
  /** Of the session of a browser; `null` for who sends a token. Never leaves this process. */
  readonly sessionSecret: string | null;
}

const ANONYMOUS: Caller = { actor: 'anonymous', tokenId: null, role: null, person: null, sessionSecret: null };

interface Door {
  readonly controlPlane: Pick<ControlPlane, 'tokenOf'>;
  readonly sessions: Sessions;
  readonly anonymousViewer: boolean;
}

/**
 * Who calls, if they may. A token that is not in force is refused even where none is needed: it is a mistake that its owner
 * should hear about. A token goes before the cookie of a session. Reads the headers only, so nothing of a stranger's body is ever taken in.
 */
export function admit(
  { controlPlane, sessions, anonymousViewer }: Door,
  operation: Operation,
  request: FastifyRequest,
): Caller {
  if (operation.access === 'anyone') return ANONYMOUS;
  const { authorization } = request.headers;
  if (authorization === undefined) {
    const ofSession = admitSession(sessions, operation, request);
    if (ofSession !== null) return ofSession;
    if (anonymousViewer && rolesFor(operation.access).includes('viewer')) return ANONYMOUS;
    throw unauthenticated('this needs a token, and none was sent');
  }
  const secret = /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
  if (secret === undefined) throw unauthenticated('the authorization header is not of the form "Bearer TOKEN"');
  const token = controlPlane.tokenOf(secret);
  if (token === null)
    throw unauthenticated('the token is not known here, or it was revoked', ', error="invalid_token"');
  return callerWith(token, operation, null);
}

/** Who is signed in, if anybody. What changes something must come from the console itself, and show that it does. */
function admitSession(sessions: Sessions, operation: Operation, request: FastifyRequest): Caller | null {
  const secret = sessionSecretOf(request);
  const found = secret === null ? null : sessions.find(secret);
  if (found === null) return null;
  if (operation.method !== 'GET') refuseForgery(found.session, request);
  return callerWith(found.token, operation, secret);
}

function callerWith({ id, name, role }: Token, { access }: Operation, sessionSecret: string | null): Caller {
  const refusal = access === 'anyone' ? null : refuseCaller({ person: name, role }, access);
  if (refusal !== null) throw refusalProblem([refusal]);
  return { actor: `token:${id}`, tokenId: id, role, person: name, sessionSecret };
}

function unauthenticated(detail: string, challenge = ''): HttpProblem {
  return new HttpProblem(
    'unauthenticated',
    detail,
    { remedy: 'send a token as "Authorization: Bearer TOKEN"; the server showed its first one when it first started' },
    { 'www-authenticate': `Bearer realm="ringfence"${challenge}` },
  );
}

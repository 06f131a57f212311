import type { FastifyRequest } from 'fastify';
import { refuseCaller, rolesFor, type TokenRole } from '../../core/policy/authority.ts';
import type { ControlPlane } from '../../engine/ports/controlPlane.ts';
import type { Operation } from '../../wire/http/operation.ts';
import { HttpProblem, refusalProblem } from './httpProblem.ts';

export interface Caller {
  /** For the record: `token:<id>` or `anonymous`. */
  readonly actor: string;
  /** `null` for anonymous callers. */
  readonly tokenId: string | null;
  readonly role: TokenRole | null;
  /** Whose token it is; `null` for anonymous callers. */
  readonly person: string | null;
}

const ANONYMOUS: Caller = { actor: 'anonymous', tokenId: null, role: null, person: null };

/**
 * Who calls, if they may. A token that is not in force is refused even where none is needed: it is a mistake that its owner
 * should hear about. Reads the header only, so nothing of a stranger's body is ever taken in.
 */
export function admit(
  controlPlane: Pick<ControlPlane, 'tokenOf'>,
  operation: Operation,
  request: FastifyRequest,
  anonymousViewer: boolean,
): Caller {
  if (operation.access === 'anyone') return ANONYMOUS;
  const { authorization } = request.headers;
  if (authorization === undefined) {
    if (anonymousViewer && rolesFor(operation.access).includes('viewer')) return ANONYMOUS;
    throw unauthenticated('this needs a token, and none was sent');
  }
  const secret = /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
  if (secret === undefined) throw unauthenticated('the authorization header is not of the form "Bearer TOKEN"');
  const token = controlPlane.tokenOf(secret);
  if (token === null)
    throw unauthenticated('the token is not known here, or it was revoked', ', error="invalid_token"');
  const refusal = refuseCaller({ person: token.name, role: token.role }, operation.access);
  if (refusal !== null) throw refusalProblem([refusal]);
  return { actor: `token:${token.id}`, tokenId: token.id, role: token.role, person: token.name };
}

function unauthenticated(detail: string, challenge = ''): HttpProblem {
  return new HttpProblem(
    'unauthenticated',
    detail,
    { remedy: 'send a token as "Authorization: Bearer TOKEN"; the server showed its first one when it first started' },
    { 'www-authenticate': `Bearer realm="ringfence"${challenge}` },
  );
}

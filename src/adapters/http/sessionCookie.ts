import type { FastifyReply, FastifyRequest } from 'fastify';

/** Over TLS the browser itself holds such a cookie to this one host, this one path and TLS. */
const SECURE = '__Host-';

/** What no script can read, and what goes with no request that another site made. */
const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Strict';

/** Browsers keep cookies by host, not by port: two servers on one machine do not sign each other out. */
function nameFor({ protocol, port }: FastifyRequest): string {
  return `${protocol === 'https' ? SECURE : ''}ringfence-${port ?? 0}`;
}

/** The secret of the session that the request's cookie stands for; `null` without one. */
export function sessionSecretOf(request: FastifyRequest): string | null {
  const name = nameFor(request);
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at !== -1 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

export function giveCookie(request: FastifyRequest, reply: FastifyReply, secret: string, maxAgeMs: number): void {
  const maxAge = Math.max(0, Math.floor(maxAgeMs / 1000));
  const secure = request.protocol === 'https' ? '; Secure' : '';
  reply.header('set-cookie', `${nameFor(request)}=${secret}; ${ATTRIBUTES}; Max-Age=${maxAge}${secure}`);
}

export function takeCookieBack(request: FastifyRequest, reply: FastifyReply): void {
  giveCookie(request, reply, '', 0);
}

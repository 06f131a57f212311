import type { IncomingMessage } from 'node:http';

/** The bearer token a request carries; `null` when it carries none, or one that no server of ours ever made. */
export function bearerToken(request: IncomingMessage): string | null {
  const match = /^Bearer +([!-~]{1,512})$/i.exec(request.headers.authorization ?? '');
  return match?.[1] ?? null;
}

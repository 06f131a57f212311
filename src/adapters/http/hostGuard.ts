import { isIP } from 'node:net';
import { HttpProblem } from './httpProblem.ts';

/**
 * Refuses requests under a name that is not ours. A page of a stranger's can make a name of its own point at this server
 * (DNS rebinding) and would then be "same origin" with it; it cannot make the browser send another Host than that name.
 * An address in digits is always fine: it cannot be rebound.
 */
export function createHostGuard(names: readonly string[]): (host: string | undefined) => void {
  const allowed = new Set(['localhost', ...names.map((name) => name.toLowerCase())]);
  return (host) => {
    const name = hostName(host ?? '');
    if (isIP(name) !== 0 || allowed.has(name)) return;
    throw new HttpProblem(
      'host-not-allowed',
      `the request is for the host "${host ?? ''}", which is not a name of this server`,
      {
        remedy: 'use localhost or the address in digits, or start the server with --allow-host NAME',
      },
    );
  };
}

/** `[::1]:4600` to `::1`, `Localhost.:4600` to `localhost`. */
function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(host);
  if (bracketed !== null) return bracketed[1] ?? '';
  return host.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase();
}

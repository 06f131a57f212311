import { BlockList, isIP } from 'node:net';
import { formatListenAddress, type ListenAddress, type ServerOptions } from './serverOptions.ts';
import { StartupError } from './startupError.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether only this machine can reach it. A name other than `localhost` may mean anything, so it does not count. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === 'localhost';
  return LOOPBACK.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

/** Nothing listens beyond loopback without TLS, and nobody reads without a token there. Throws a StartupError. */
export function refuseExposure({ http, opamp, tls, anonymousViewer }: ServerOptions): void {
  const beyond: string[] = [];
  const note = (what: string, address: ListenAddress) => {
    if (!isLoopback(address.host)) beyond.push(`the ${what} on ${formatListenAddress(address)}`);
  };
  note('HTTP API', http);
  note("agents' listener", opamp);
  if (beyond.length === 0) return;
  const what = `${beyond.join(' and ')} can be reached from beyond this machine`;
  if (tls === null) {
    throw new StartupError(
      `${what}, and there is no TLS: tokens and configuration would be readable on their way. ` +
        'Give --tls-cert FILE and --tls-key FILE, or listen on 127.0.0.1.',
    );
  }
  if (anonymousViewer) {
    throw new StartupError(
      `${what}, and --anonymous-viewer would let anyone there read everything. Leave one of them out.`,
    );
  }
}

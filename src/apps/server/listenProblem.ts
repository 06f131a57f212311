import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { formatListenAddress, type ListenAddress } from './serverOptions.ts';
import { StartupError } from './startupError.ts';

const PROBE_MS = 1000;
const PROBE_BYTES = 4096;

interface Attempt {
  /** What was to listen. */
  readonly what: string;
  readonly address: ListenAddress;
  /** By which another address is chosen. */
  readonly option: string;
  /** Where a Ringfence that is in the way would say so. */
  readonly http: ListenAddress;
}

/** Why nothing could be opened at an address, in words; and who is there already, if that can be told. */
export async function listenProblem(error: unknown, { what, address, option, http }: Attempt): Promise<StartupError> {
  const where = formatListenAddress(address);
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE': {
      const other = await ringfenceAt(http);
      const certain = http.port === address.port ? '' : `, it seems: one answers on ${formatListenAddress(http)}`;
      const who = other === null ? 'another program' : `a Ringfence server (version ${other})${certain}`;
      const todo = other === null ? 'End it' : 'Use that one, end it';
      return new StartupError(
        `the ${what} cannot listen on ${where}: port ${address.port} is in use by ${who}. ${todo}, or give ${option} HOST:PORT.`,
      );
    }
    case 'EACCES':
      return new StartupError(
        `this user may not listen on ${where} (${what}). Choose a port above 1023 with ${option} HOST:PORT.`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new StartupError(
        `${where} is not an address of this machine (${what}). Choose another with ${option} HOST:PORT.`,
      );
    default:
      return new StartupError(`the ${what} cannot listen on ${where}: ${(error as Error).message}`, { cause: error });
  }
}

/** The version of the Ringfence that answers there, or `null`. Its certificate does not matter: nothing is told to it. */
async function ringfenceAt(address: ListenAddress): Promise<string | null> {
  for (const scheme of ['http', 'https'] as const) {
    const answer = await ask(scheme, address);
    if (answer !== null) return answer;
  }
  return null;
}

function ask(scheme: 'http' | 'https', { host, port }: ListenAddress): Promise<string | null> {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return new Promise((resolve) => {
    const options = {
      host: reachable,
      port,
      path: '/healthz',
      signal: AbortSignal.timeout(PROBE_MS),
      rejectUnauthorized: false,
      agent: false,
    };
    const request = scheme === 'http' ? requestHttp(options) : requestHttps(options);
    request.on('error', () => resolve(null));
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('error', () => resolve(null));
      response.on('data', (part: string) => {
        text += part;
        if (text.length > PROBE_BYTES) request.destroy();
      });
      response.on('close', () => resolve(versionIn(text)));
    });
    request.end();
  });
}

function versionIn(text: string): string | null {
  try {
    const { product, version } = JSON.parse(text) as { product?: unknown; version?: unknown };
    return product === 'ringfence' && typeof version === 'string' ? version : null;
  } catch {
    return null;
  }
}

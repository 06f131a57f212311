import type { Digest } from '../../../core/kernel/digest.ts';

/** Where the server is, by what one wants of it. */
export interface ServerUrls {
  readonly transport: 'websocket' | 'http';
  readonly opamp: URL;
  readonly artifact: (digest: Digest) => URL;
  /** To say to people: without credentials or query. */
  readonly says: string;
}

const TRANSPORTS: Readonly<Record<string, ServerUrls['transport']>> = {
  'ws:': 'websocket',
  'wss:': 'websocket',
  'http:': 'http',
  'https:': 'http',
};

/** Reads the one URL an agent is given, e.g. `wss://ringfence.example:4320/v1/opamp`. Throws on what is none: it was checked before. */
export function serverUrls(text: string): ServerUrls {
  const opamp = new URL(text);
  const transport = TRANSPORTS[opamp.protocol];
  if (transport === undefined)
    throw new TypeError(`${opamp.protocol}//… is not a way to reach a server; expected ws, wss, http or https`);
  const artifacts = new URL(opamp.origin === 'null' ? text : opamp.origin);
  artifacts.protocol = opamp.protocol.replace('ws', 'http');
  return {
    transport,
    opamp,
    artifact: (digest) => new URL(`/v1/artifacts/${digest}`, artifacts),
    says: `${opamp.protocol}//${opamp.host}${opamp.pathname}`,
  };
}

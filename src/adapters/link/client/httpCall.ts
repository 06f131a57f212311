import { type Agent as HttpAgent, type IncomingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { DurationMs } from '../../../core/kernel/instant.ts';

export interface HttpCall {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly ca?: string;
  readonly agent?: HttpAgent;
  /** Of the body of an answer with status 200. Beyond, the call rejects, and no more is read. */
  readonly maxBytes: number;
  /** How long nothing may move. */
  readonly idleMs: DurationMs;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Bytes of any other answer. */
const MOST_OF_AN_ERROR = 64 * 1024;

/** One request over HTTP or HTTPS, with its whole answer. Rejects with an `Error` whose message says why there is none. No redirects. */
export function httpCall(call: HttpCall): Promise<HttpAnswer> {
  const { url, method, headers, body, ca, agent, maxBytes, idleMs, signal } = call;
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const length = body === undefined ? {} : { 'Content-Length': String(body.length) };
  const trusted = ca === undefined ? {} : { ca };
  // Without an agent, a connection for this call alone.
  const options = { method, signal, headers: { ...headers, ...length }, agent: agent ?? false, ...trusted };
  const outgoing = send(url, options, (incoming) => {
    const most = incoming.statusCode === 200 ? maxBytes : MOST_OF_AN_ERROR;
    const chunks: Buffer[] = [];
    let held = 0;
    const tooLarge = () => outgoing.destroy(new Error(`the answer is larger than ${most} bytes`));
    if (Number(incoming.headers['content-length'] ?? 0) > most) tooLarge();
    incoming.on('data', (chunk: Buffer) => {
      held += chunk.length;
      if (held > most) tooLarge();
      else chunks.push(chunk);
    });
    const { statusCode: status = 0, headers: received } = incoming;
    incoming.once('end', () => resolve({ status, headers: received, body: Buffer.concat(chunks) }));
    incoming.once('error', reject);
  });
  outgoing.setTimeout(idleMs, () => outgoing.destroy(new Error(`nothing came for ${idleMs} ms`)));
  outgoing.once('error', (error: Error & { code?: string }) => {
    // The other side closed a connection that was kept, just as it was used again: that says nothing about the server.
    if (outgoing.reusedSocket && error.code === 'ECONNRESET') {
      const { agent: _, ...anew } = call;
      resolve(httpCall(anew));
    } else {
      reject(error);
    }
  });
  outgoing.end(body);
  return promise;
}

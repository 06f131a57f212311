import { createServer, type IncomingMessage } from 'node:http';
import { FINISHED_TYPE } from '../../wire/webhook/webhookMessages.ts';
import { isSigned, type WebhookKeys } from './webhookSignature.ts';

const MAX_BODY_BYTES = 64 * 1024;
const MAX_CONNECTIONS = 16;

/** Where a system says that an operation is over. What it says is not believed, it only makes us ask sooner. */
export interface WebhookDoor extends AsyncDisposable {
  /** Resolves when somebody who knows the secret has called since the last time. */
  called(): Promise<void>;
}

/** Listens until it is disposed of. `null`: it cannot, and the system has to be asked. */
export async function openWebhookDoor(
  { host, port }: { readonly host: string; readonly port: number },
  keys: WebhookKeys,
  now: () => number,
): Promise<WebhookDoor | null> {
  let knocked = Promise.withResolvers<void>();
  const server = createServer({ requestTimeout: 10_000 }, async (request, response) => {
    const body = request.method === 'POST' ? await bodyOf(request).catch(() => null) : null;
    const status = body === null ? 400 : isFinished(request, body, keys, now()) ? 204 : 401;
    if (status === 204) {
      knocked.resolve();
      knocked = Promise.withResolvers();
    }
    response.writeHead(status, { connection: 'close' }).end();
  });
  server.maxConnections = MAX_CONNECTIONS;
  const isListening = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, host, () => resolve(true));
  });
  if (!isListening) return null;
  return {
    called: () => knocked.promise,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isFinished({ headers }: IncomingMessage, body: Buffer, keys: WebhookKeys, nowMs: number): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = headers;
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') return false;
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  if (!isSigned(keys, { id, timestamp: Number(timestamp) }, signature, body, nowMs)) return false;
  try {
    return (JSON.parse(body.toString('utf8')) as { type?: unknown } | null)?.type === FINISHED_TYPE;
  } catch {
    return false;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error('too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

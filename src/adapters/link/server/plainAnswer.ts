import { type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { OpampLimits } from './opampLimits.ts';

export function retryAfter({ retryAfterMs }: OpampLimits): OutgoingHttpHeaders {
  return { 'Retry-After': Math.ceil(retryAfterMs / 1000) };
}

/** Answers a request with an error in a sentence. What is left of its body is thrown away, up to a limit: then the socket is. */
export function refuseRequest(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  says: string,
  headers: OutgoingHttpHeaders = {},
): void {
  const body = `${says}\n`;
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
  // A client that still sends would otherwise have its connection reset before it reads the answer.
  let drained = 0;
  request.on('data', (chunk: Buffer) => {
    drained += chunk.length;
    if (drained > MOST_DRAINED) request.destroy();
  });
  request.resume();
}

const MOST_DRAINED = 16 * 1024 * 1024;

/** The same for a request whose connection is no longer the HTTP server's: one that asked for an upgrade. */
export function refuseUpgrade(socket: Duplex, status: number, says: string, headers: OutgoingHttpHeaders = {}): void {
  const body = `${says}\n`;
  const lines = Object.entries({
    ...headers,
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
  });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n${head}\r\n${body}`);
  // An agent that keeps its half open is not waited for.
  socket.once('finish', () => socket.destroy());
}

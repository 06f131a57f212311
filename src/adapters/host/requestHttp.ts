import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { formatDuration } from '../../core/kernel/instant.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { HttpAnswer, HttpRequest } from '../../engine/ports/host.ts';

/**
 * One request and the whole of its answer within the limits. Each has a connection of its own: one that is kept open may be
 * closed by the service at the very moment it is used again, and a service that is well must not be called unwell for that.
 */
export function requestHttp(clock: Clock, request: HttpRequest): Promise<Result<HttpAnswer, string>> {
  const { url, method, timeoutMs, maxBytes, signal, accept, body } = request;
  return new Promise((resolve) => {
    const end = (outcome: Result<HttpAnswer, string>) => {
      cancelLimit();
      signal.removeEventListener('abort', aborted);
      outgoing.destroy();
      resolve(outcome);
    };
    const fail = (says: string) => end(err(`${method} ${url}: ${says}`));
    const aborted = () => fail('not wanted any more');
    const cancelLimit = clock.after(timeoutMs, () => fail(`no answer within ${formatDuration(timeoutMs)}`));
    signal.addEventListener('abort', aborted, { once: true });

    const send = url.startsWith('https:') ? requestTls : requestPlain;
    const headers = {
      'user-agent': 'ringfence-agent',
      ...(accept === undefined ? {} : { accept }),
      ...(body === undefined ? {} : { 'content-length': String(body.byteLength) }),
      ...request.headers,
    };
    const outgoing = send(url, { method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      let size = 0;
      answer.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > maxBytes) fail(`the answer is longer than ${maxBytes} bytes`);
      });
      answer.on('error', (error) => fail(reasonOf(error)));
      const { statusCode: status = 0, headers } = answer;
      const contentType = headers['content-type'] ?? '';
      answer.on('end', () => end(ok({ status, contentType, body: Buffer.concat(chunks) })));
    });
    outgoing.on('error', (error) => fail(reasonOf(error)));
    outgoing.end(body);
    if (signal.aborted) aborted();
  });
}

/** A host name with several addresses fails with all their errors at once; one says enough. */
function reasonOf(error: Error): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error ? first.message : String(first);
}

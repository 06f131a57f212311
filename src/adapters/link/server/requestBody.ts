import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import { err, ok, type Result } from '../../../core/kernel/result.ts';

/** Bytes of bodies that are held now, over all requests: what a crowd of large requests may cost together. */
export class ReceivingBudget {
  readonly #most: number;
  #held = 0;

  constructor(most: number) {
    this.#most = most;
  }

  take(bytes: number): boolean {
    if (this.#held + bytes > this.#most) return false;
    this.#held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

export type BodyFault = 'too-large' | 'no-room' | 'unknown-encoding' | 'broken-encoding' | 'aborted';

/**
 * Reads a request's body, decompressed if it says it is gzip. What it expands to is never held beyond `limit`: decompression goes
 * on only while there is room. The bytes of a body that was read stay taken from the budget; the caller gives them back. After a
 * fault the request is left unread.
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  budget: ReceivingBudget,
): Promise<Result<Uint8Array, BodyFault>> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.resolve(err('too-large'));
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip') return Promise.resolve(err('unknown-encoding'));

  const { promise, resolve } = Promise.withResolvers<Result<Uint8Array, BodyFault>>();
  const source = encoding === 'gzip' ? request.pipe(createGunzip()) : request;
  const chunks: Buffer[] = [];
  let held = 0;
  let settled = false;
  const settle = (result: Result<Uint8Array, BodyFault>) => {
    if (settled) return;
    settled = true;
    source.off('data', onData);
    request.off('close', onClose);
    if (source !== request) {
      request.unpipe();
      source.destroy();
    }
    if (!result.ok) {
      request.pause();
      budget.give(held);
    }
    resolve(result);
  };
  const onData = (chunk: Buffer) => {
    if (held + chunk.length > limit) return settle(err('too-large'));
    if (!budget.take(chunk.length)) return settle(err('no-room'));
    held += chunk.length;
    chunks.push(chunk);
  };
  const onClose = () => {
    // A whole request may be closed before its decompressor is done with it.
    if (!request.complete) settle(err('aborted'));
  };
  source.on('data', onData);
  source.once('end', () => settle(ok(Buffer.concat(chunks, held))));
  source.once('error', () => settle(err(source === request ? 'aborted' : 'broken-encoding')));
  request.on('close', onClose);
  return promise;
}

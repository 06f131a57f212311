import { open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { isDigest } from '../../../core/kernel/digest.ts';
import type { Logger } from '../../../engine/ports/logger.ts';
import { requestedRange } from './artifactRoute.ts';
import type { Bandwidth } from './bandwidth.ts';
import { refuseRequest } from './plainAnswer.ts';

export const PACKAGES_PATH = '/v1/packages/';

/** Also what one download may have more than its share. */
const CHUNK_BYTES = 64 * 1024;

export interface PackageRouteOptions {
  /** Holds archives, each under its SHA-256 in hexadecimal. */
  readonly folder: string;
  readonly bandwidth: Bandwidth;
  readonly logger: Logger;
}

/** `GET /v1/packages/sha256:…`: an archive as it lies on the disk, whole or from the middle. The caller has checked who asks. */
export async function servePackage(
  { folder, bandwidth, logger }: PackageRouteOptions,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refuseRequest(request, response, 405, 'packages are read with GET or HEAD', { Allow: 'GET, HEAD' });
  if (!isDigest(name))
    return refuseRequest(request, response, 400, 'a package is named sha256: and 64 lower-case hexadecimal digits');
  const file = await open(join(folder, name.slice('sha256:'.length))).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') logger.error(`a package could not be read: ${error.message}`, { package: name });
    return null;
  });
  if (file === null) return refuseRequest(request, response, 404, `there is no package ${name}`);
  try {
    const { size } = await file.stat();
    const range = requestedRange(request.headers.range, size);
    if (range === 'unsatisfiable') {
      refuseRequest(request, response, 416, `the package has ${size} bytes`, { 'Content-Range': `bytes */${size}` });
      return;
    }
    const { start, end } = range ?? { start: 0, end: size - 1 };
    response.writeHead(range === null ? 200 : 206, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': end - start + 1,
      'Accept-Ranges': 'bytes',
      ETag: `"${name}"`,
      'Cache-Control': 'private, immutable, max-age=31536000',
      ...(range !== null && { 'Content-Range': `bytes ${start}-${end}/${size}` }),
    });
    if (request.method === 'HEAD') return void response.end();
    for (let at = start; at <= end && !response.destroyed; ) {
      const length = Math.min(CHUNK_BYTES, end - at + 1);
      await bandwidth.take(length);
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
      // It is shorter than it was: the agent sees that it breaks off.
      if (bytesRead === 0) return void response.destroy();
      at += bytesRead;
      if (!response.write(buffer.subarray(0, bytesRead))) await drained(response);
    }
    response.end();
  } finally {
    await file.close();
  }
}

/** Once there is room for more, or nobody is there any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
    if (response.destroyed) done();
  });
}

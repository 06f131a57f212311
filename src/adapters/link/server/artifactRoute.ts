import type { IncomingMessage, ServerResponse } from 'node:http';
import { isDigest } from '../../../core/kernel/digest.ts';
import type { Fleet } from '../../../engine/ports/fleet.ts';
import type { Logger } from '../../../engine/ports/logger.ts';
import type { OpampMetrics } from './opampMetrics.ts';
import { refuseRequest } from './plainAnswer.ts';

export const ARTIFACTS_PATH = '/v1/artifacts/';

export interface ArtifactRouteOptions {
  readonly fleet: Pick<Fleet, 'artifact'>;
  readonly metrics: OpampMetrics;
  readonly logger: Logger;
}

/** `GET /v1/artifacts/sha256:…`: bytes by digest, whole or one range of them. The caller has checked who asks. */
export async function serveArtifact(
  options: ArtifactRouteOptions,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuseRequest(request, response, 405, 'artifacts are read with GET or HEAD', { Allow: 'GET, HEAD' });
    return;
  }
  if (!isDigest(name)) {
    refuseRequest(request, response, 400, 'an artifact is named sha256: and 64 lower-case hexadecimal digits');
    return;
  }
  let bytes: Uint8Array | null;
  try {
    bytes = await options.fleet.artifact(name);
  } catch (error) {
    options.logger.error(`an artifact could not be read: ${String(error)}`, { artifact: name });
    refuseRequest(request, response, 500, 'the artifact could not be read; the log of the server says why');
    return;
  }
  if (bytes === null) {
    refuseRequest(request, response, 404, `there is no artifact ${name}`);
    return;
  }
  const range = requestedRange(request.headers.range, bytes.length);
  if (range === 'unsatisfiable') {
    refuseRequest(request, response, 416, `the artifact has ${bytes.length} bytes`, {
      'Content-Range': `bytes */${bytes.length}`,
    });
    return;
  }
  const body = range === null ? bytes : bytes.subarray(range.start, range.end + 1);
  response.writeHead(range === null ? 200 : 206, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': body.length,
    'Accept-Ranges': 'bytes',
    ETag: `"${name}"`,
    // The bytes behind a digest never change.
    'Cache-Control': 'private, immutable, max-age=31536000',
    ...(range !== null && { 'Content-Range': `bytes ${range.start}-${range.end}/${bytes.length}` }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
  options.metrics.artifactsServed++;
}

/** One range, both ends included. `null`: no range, or a header that may be ignored (several ranges, another unit, nonsense). */
export function requestedRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | null {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null;
  return start >= size || start > end ? 'unsatisfiable' : { start, end };
}

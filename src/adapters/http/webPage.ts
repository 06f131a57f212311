import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, posix, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isNamedBy } from './entityTag.ts';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Nothing but what this server serves, and no script or style inside the page itself. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** The build names these by their content. */
const IMMUTABLE = /^\/assets\//;

interface WebFile {
  readonly bytes: Buffer;
  readonly packed: Buffer;
  readonly mediaType: string;
  readonly tag: string;
  readonly caching: string;
}

export interface WebPage {
  /** The paths of its files; none when there is no such folder. */
  readonly paths: readonly string[];
  /**
   * Answers with the page itself where a browser asks for a place inside the console, such as `/rollouts/shop-2`: the console knows its
   * own places. `false`: nothing was sent.
   */
  answer(request: FastifyRequest, reply: FastifyReply): boolean;
}

/**
 * Serves the files of a built page, as they were when the server started: `index.html` at `/`, the others under their own paths. A request
 * is looked up among the names, never on the disk.
 */
export function serveWebPage(app: FastifyInstance, directory: string): WebPage {
  const files = readWebFiles(directory);
  for (const [path, file] of files) app.get(path, (request, reply) => send(file, request, reply));
  const start = files.get('/');
  return {
    paths: [...files.keys()],
    answer(request, reply) {
      if (start === undefined || !isPlace(request)) return false;
      send(start, request, reply);
      return true;
    },
  };
}

/** A browser's own navigation, to a path that has no extension and is not the API's. */
function isPlace({ method, url, headers }: FastifyRequest): boolean {
  const path = url.split('?', 1)[0] ?? url;
  const wantsPage = headers.accept?.includes('text/html') === true;
  return (
    (method === 'GET' || method === 'HEAD') && wantsPage && !/^\/v\d+(?:\/|$)/.test(path) && posix.extname(path) === ''
  );
}

function send(
  { bytes, packed, mediaType, tag, caching }: WebFile,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  reply
    .code(200)
    .header('content-security-policy', CONTENT_SECURITY_POLICY)
    .header('cross-origin-opener-policy', 'same-origin')
    .header('permissions-policy', 'camera=(), geolocation=(), microphone=()')
    .header('cache-control', caching)
    .header('vary', 'accept-encoding')
    .header('etag', tag);
  if (isNamedBy(tag, request.headers['if-none-match'])) return reply.code(304).send();
  reply.type(mediaType);
  if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return reply.send(bytes);
  return reply.header('content-encoding', 'gzip').send(packed);
}

function readWebFiles(directory: string): ReadonlyMap<string, WebFile> {
  const files = new Map<string, WebFile>();
  for (const name of fileNames(directory)) {
    const mediaType = MEDIA_TYPES[extname(name)];
    if (mediaType === undefined) continue;
    const bytes = readFileSync(join(directory, name));
    const path = name === 'index.html' ? '/' : `/${name}`;
    files.set(path, {
      bytes,
      packed: gzipSync(bytes, { level: 9 }),
      mediaType,
      tag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`,
      caching: IMMUTABLE.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
  }
  return files;
}

/** Of plain files, below the folder, with forward slashes. */
function fileNames(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true, recursive: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) =>
        join(parentPath, name)
          .slice(directory.length)
          .replace(/^[\\/]/, ''),
      )
      .map((name) => name.split(sep).join('/'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

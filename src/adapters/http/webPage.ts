import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { extname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
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

interface WebFile {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly tag: string;
}

/**
 * Serves the files of a folder, as they were when the server started: `index.html` at `/`, TypeScript as the JavaScript that is
 * left of it without its types, under the same name ending in `.js`. A request is looked up among the names, never on the disk.
 *
 * @returns the paths that are served; none when there is no such folder.
 */
export function serveWebPage(app: FastifyInstance, directory: string): readonly string[] {
  const files = readWebFiles(directory);
  for (const [path, { bytes, mediaType, tag }] of files) {
    app.get(path, (request, reply) => {
      reply
        .header('content-security-policy', CONTENT_SECURITY_POLICY)
        .header('cross-origin-opener-policy', 'same-origin')
        .header('cache-control', 'no-cache')
        .header('etag', tag);
      if (isNamedBy(tag, request.headers['if-none-match'])) return reply.code(304).send();
      return reply.type(mediaType).send(bytes);
    });
  }
  return [...files.keys()];
}

function readWebFiles(directory: string): ReadonlyMap<string, WebFile> {
  const files = new Map<string, WebFile>();
  for (const name of fileNames(directory)) {
    if (/\.(?:test|d)\.ts$/.test(name)) continue;
    const source = readFileSync(join(directory, name));
    const typescript = extname(name) === '.ts';
    const bytes = typescript ? toJavaScript(source.toString('utf8')) : source;
    const path = name === 'index.html' ? '/' : `/${typescript ? name.replace(/\.ts$/, '.js') : name}`;
    const mediaType = MEDIA_TYPES[extname(path) || '.html'];
    if (mediaType === undefined) continue;
    files.set(path, { bytes, mediaType, tag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"` });
  }
  return files;
}

function fileNames(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Types become white space, so lines and columns stay; imports of neighbours get the names these are served under. */
function toJavaScript(source: string): Buffer {
  const stripped = withoutWarning(() => stripTypeScriptTypes(source));
  return Buffer.from(stripped.replaceAll(/((?:from|import)\s*\(?\s*)(['"])(\.\/[^'"\n]+)\.ts\2/g, '$1$2$3.js$2'));
}

/** Node announces that this function may still change; the version of Node is pinned, and the words would stand in people's terminals. */
function withoutWarning<T>(action: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return action();
  } finally {
    process.emitWarning = emitWarning;
  }
}

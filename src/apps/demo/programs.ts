import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

// In a clone this file is src/apps/demo/programs.ts, in the published package dist/apps/demo/programs.js: the same depth, so that
// everything else is found from here in both.
const here = dirname(fileURLToPath(import.meta.url));
const extension = extname(import.meta.url);

export const PROGRAMS = {
  cli: join(here, '..', 'cli', `main${extension}`),
  shop: join(here, 'shop', `main${extension}`),
  /** For `node --import`. */
  tether: pathToFileURL(join(here, `tether${extension}`)).href,
} as const;

/** The folder with the manifests that the demo applies. */
export const EXAMPLES = join(here, '..', '..', '..', 'examples', 'shop');

/** A path as one would type it from here: relative when that is shorter. */
export function typedPath(path: string, cwd: string = process.cwd()): string {
  const short = relative(cwd, path);
  return short === '' ? '.' : short.length < path.length ? short : path;
}

import { createHash } from 'node:crypto';
import { glob, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** Where the console stands when it is built; git does not look there. */
export const CONSOLE_DIRECTORY = join(root, 'build', 'console');

/** Says what it was built from. Not served: it has no type that is. */
const STAMP = '.built-from';

/**
 * Builds the console with Vite if what it is made of has changed since it was last built, and says whether it did. Two of these at once
 * do no harm: each builds aside, and the last takes its place whole.
 */
export async function buildConsole(): Promise<boolean> {
  const madeOf = await digestOfSources();
  if ((await builtFrom()) === madeOf) return false;
  const aside = `${CONSOLE_DIRECTORY}.${process.pid}`;
  await mkdir(dirname(aside), { recursive: true });
  try {
    await runVite(aside);
    await writeFile(join(aside, STAMP), madeOf);
    await takeThePlaceOf(aside);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return true;
}

async function runVite(outDir: string): Promise<void> {
  // Only now: to load them takes longer than to see that nothing has changed.
  const [{ build }, { default: react }] = await Promise.all([import('vite'), import('@vitejs/plugin-react')]);
  await build({
    root: join(root, 'web'),
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    cacheDir: join(root, 'node_modules', '.vite'),
    plugins: [react()],
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      // Everything is a file of its own: the page's policy takes nothing that is inlined.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  });
}

/** Of the sources and of whatever is built with: their contents and their names. */
async function digestOfSources(): Promise<string> {
  const found = await Array.fromAsync(glob('web/**/*.{ts,tsx,css,html,svg}', { cwd: root }));
  const paths = found.map((path) => path.split(sep).join('/')).filter((path) => !path.endsWith('.test.ts'));
  const here = relative(root, import.meta.filename)
    .split(sep)
    .join('/');
  const hash = createHash('sha256');
  for (const path of [...paths, 'package-lock.json', 'tsconfig.json', here].sort()) {
    const bytes = await readFile(join(root, path));
    hash.update(`${path} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

async function builtFrom(): Promise<string | null> {
  return await readFile(join(CONSOLE_DIRECTORY, STAMP), 'utf8').catch(() => null);
}

async function takeThePlaceOf(aside: string): Promise<void> {
  const old = `${aside}.old`;
  await rename(CONSOLE_DIRECTORY, old).catch(() => undefined);
  try {
    await rename(aside, CONSOLE_DIRECTORY);
  } catch (error) {
    // Another build was faster, of the same sources or of newer ones.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
  }
  await rm(old, { recursive: true, force: true });
}

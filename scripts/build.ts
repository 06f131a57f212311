// Makes what is published: plain JavaScript with declarations in dist/, without tests and what only they use, and the console, built.
//
//   npm run build
//
// dist/ is made beside the old one and takes its place when it is whole; a build that fails leaves the old one as it was.
import { spawnSync } from 'node:child_process';
import { cp, glob, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildConsole, CONSOLE_DIRECTORY } from './console/buildConsole.ts';
import { isProgram, reachableFrom } from './shape/moduleGraph.ts';
import { readRepository } from './shape/sourceFile.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** Files that are published as they are, and where. */
const ASSETS: readonly (readonly [folder: string, pattern: string, to: string])[] = [
  [CONSOLE_DIRECTORY, '**/*.{html,css,js,svg}', 'web'],
  [join(root, 'src'), '**/*.sql', ''],
  [join(root, 'schema'), '*.json', 'schema'],
];

const work = await mkdtemp(join(root, 'node_modules', '.ringfence-build-'));
try {
  const compiled = join(work, 'compiled');
  if (compile(compiled)) {
    await buildConsole();
    const next = join(work, 'dist');
    const modules = await takePrograms(compiled, next);
    const assets = await takeAssets(next);
    await rm(dist, { recursive: true, force: true });
    await rename(next, dist);
    process.stdout.write(`build: ${modules} modules and ${assets} other files in dist/\n`);
  } else {
    process.stderr.write('build: the program does not compile (see above); dist/ is as it was\n');
    process.exitCode = 1;
  }
} finally {
  await rm(work, { recursive: true, force: true });
}

function compile(outDir: string): boolean {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '--project', join(root, 'tsconfig.build.json'), '--outDir', outDir, '--pretty', 'false'];
  return spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] }).status === 0;
}

/** src/ becomes the top of dist/; only what a program leads to is taken. */
async function takePrograms(compiled: string, to: string): Promise<number> {
  const files = (await readRepository(root)).filter(({ path }) => /^src\/.*\.ts$/.test(path));
  const programs = files.map(({ path }) => path).filter((path) => isProgram(path) && !path.includes('/testing/'));
  const reached = [...reachableFrom(programs, files)];
  for (const path of reached) {
    const stem = path.replace(/\.ts$/, '');
    const target = join(to, stem.replace(/^src\//, ''));
    await mkdir(dirname(target), { recursive: true });
    await rename(`${join(compiled, stem)}.js`, `${target}.js`);
    await rename(`${join(compiled, stem)}.d.ts`, `${target}.d.ts`);
  }
  return reached.length;
}

async function takeAssets(to: string): Promise<number> {
  let count = 0;
  for (const [folder, pattern, place] of ASSETS) {
    for await (const path of glob(pattern, { cwd: folder })) {
      await cp(join(folder, path), join(to, place, path));
      count += 1;
    }
  }
  return count;
}

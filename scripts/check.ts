// Types, lint and the repository's shape, in seconds.
//
//   npm run check
//
// Changes nothing; `npx biome check --write FILE` mends what of the lint mends itself. Ends with 1 when anything fails.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { RULES } from './shape/rules.ts';
import { readRepository } from './shape/sourceFile.ts';

const root = join(import.meta.dirname, '..');

interface Outcome {
  readonly name: string;
  /** What is wrong; empty: nothing is. */
  readonly complaint: string;
  readonly tookMs: number;
}

/** Programs. Prose and examples are laid out by hand. */
const LINTED = ['bench', 'bin', 'scripts', 'sim', 'src', 'test', 'web', 'package.json', 'tsconfig.json'];

const STEPS: Readonly<Record<string, () => Promise<string>>> = {
  types: () => complaintOf('typescript/bin/tsc', '--project', root, '--pretty', 'false'),
  lint: () => {
    const paths = LINTED.filter((path) => existsSync(join(root, path)));
    return complaintOf('@biomejs/biome/bin/biome', 'check', '--diagnostic-level=warn', '--error-on-warnings', ...paths);
  },
  shape: async () => {
    const files = await readRepository(root);
    const findings = Object.entries(RULES).flatMap(([rule, of]) =>
      of(files).map(({ path, line, says }) => `${path}:${line}: ${says} [${rule}]`),
    );
    return findings.join('\n');
  },
};

/** Runs a program of an installed package with this Node. Resolves to what it printed if it failed. */
function complaintOf(program: string, ...args: readonly string[]): Promise<string> {
  const path = join(root, 'node_modules', program);
  const child = spawn(process.execPath, [path, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => output.push(part));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve(code === 0 ? '' : output.join('').trim() || `${program} ended with ${signal ?? code}`);
    });
  });
}

// At the same time: together they take as long as the slowest.
const outcomes: readonly Outcome[] = await Promise.all(
  Object.entries(STEPS).map(async ([name, step]) => {
    const started = performance.now();
    return { name, complaint: await step(), tookMs: performance.now() - started };
  }),
);
for (const { name, complaint, tookMs } of outcomes) {
  const mark = complaint === '' ? styleText('green', '✔') : styleText('red', '✖');
  process.stdout.write(`${mark} ${name} (${(tookMs / 1000).toFixed(1)} s)\n`);
  if (complaint !== '') process.stdout.write(`${complaint}\n\n`);
}
const failed = outcomes.filter(({ complaint }) => complaint !== '').map(({ name }) => name);
process.stdout.write(failed.length === 0 ? 'check: clean\n' : `check: failed: ${failed.join(', ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';

const root = join(import.meta.dirname, '..');
const NPM_MS = 5 * 60_000;

/** As somebody's own shell has it: without this repository's programs, so that the Node found is not the pinned one. */
const userEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.startsWith(root))
    .join(delimiter),
};
for (const name of Object.keys(userEnvironment)) {
  if (/^(?:npm_|NODE_TEST_CONTEXT|RINGFENCE_)/.test(name)) delete userEnvironment[name];
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(command: string, args: readonly string[], cwd: string, env = userEnvironment): Promise<Ended> {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: NPM_MS });
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => stream.setEncoding('utf8').toArray());
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: (await stdout)?.join('') ?? '', stderr: (await stderr)?.join('') ?? '' };
}

async function succeed(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, cwd);
  assert.equal(code, 0, `${command} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

describe('the published package', () => {
  let folder: string;
  let tarball: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ringfence-package-'));
    await succeed('npm', ['pack', '--pack-destination', folder], root);
    const [file] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
    assert.ok(file, 'npm pack wrote a tarball');
    tarball = join(folder, file);
  });
  after(() => rm(folder, { recursive: true }));

  test('has the program, its page, its schemas, examples and declarations, and nothing else', async () => {
    const files = (await succeed('tar', ['-tzf', tarball], folder))
      .trim()
      .split('\n')
      .map((path) => path.replace(/^package\//, ''));
    const allowed =
      /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|bin\/(?:ringfence|launch)\.mjs|examples\/\w+\/[\w-]+\.(?:yaml|json|mjs|sh)|dist\/schema\/\w+\.schema\.json|dist\/web\/index\.html|dist\/web\/assets\/[\w-]+\.(?:css|svg|js)|dist\/(?:core|wire|engine|adapters|apps)\/.*\.(?:js|d\.ts))$/;
    assert.deepEqual(
      files.filter((path) => !allowed.test(path)),
      [],
    );
    assert.deepEqual(
      files.filter((path) => /\.test\.|fixture|contract|\/testing\//i.test(path)),
      [],
      'what only tests use stays at home',
    );
    for (const needed of [
      'bin/ringfence.mjs',
      'bin/launch.mjs',
      'dist/apps/cli/main.js',
      'dist/apps/cli/main.d.ts',
      'dist/web/index.html',
      'dist/schema/v1.schema.json',
      'examples/shop/service.yaml',
      'LICENSE',
      'README.md',
    ]) {
      assert.ok(files.includes(needed), `${needed} is in it`);
    }
  });

  describe('installed by npm in an empty folder', () => {
    let installed: string;
    let missing: string | null = null;
    before(async () => {
      installed = join(folder, 'somewhere');
      const { version } = JSON.parse(await readFile(join(root, 'node_modules/node/package.json'), 'utf8')) as {
        version: string;
      };
      const asked = await run('npm', ['view', `node@${version}`, 'version', '--fetch-retries=1'], folder);
      if (asked.code !== 0) {
        missing =
          'needs the npm registry, which cannot be reached: connect this machine to it (or set npm’s "registry")';
        return;
      }
      await succeed('npm', ['install', '--prefix', installed, '--no-audit', '--no-fund', tarball], folder);
    });

    test('npx ringfence --version and --help answer, whatever Node the machine has', async (t) => {
      if (missing !== null) return t.skip(missing);
      const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
      assert.equal(await succeed('npx', ['--no-install', 'ringfence', '--version'], installed), `${version}\n`);
      assert.match(await succeed('npx', ['--no-install', 'ringfence', '--help'], installed), /^Usage: ringfence /);
      t.diagnostic(`with Node ${(await succeed('node', ['--version'], installed)).trim()}`);
    });

    test('ringfence server runs from it, answers /healthz and serves its page', async (t) => {
      if (missing !== null) return t.skip(missing);
      const bin = join(installed, 'node_modules', '.bin', 'ringfence');
      const args = [
        'server',
        '--json',
        '--port',
        '0',
        '--opamp-port',
        '0',
        '--data',
        join(folder, 'data'),
        '--log-level',
        'silent',
      ];
      const server = spawn(bin, args, { cwd: installed, env: userEnvironment, stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(server, 'exit');
      try {
        const [line] = (await Promise.race([
          once(createInterface(server.stdout), 'line'),
          ended.then(([code]) => assert.fail(`the server ended with ${code}`)),
        ])) as [string];
        const { http } = JSON.parse(line) as { http: string };
        assert.equal((await fetch(new URL('/healthz', http))).status, 200);
        const page = await fetch(new URL('/', http));
        const text = await page.text();
        assert.match(text, /<title>Ringfence<\/title>/);
        const [, main = ''] = /src="([^"]+\.js)"/.exec(text) ?? [];
        const script = await fetch(new URL(main, http));
        assert.match(script.headers.get('content-type') ?? '', /javascript/);
        assert.match(script.headers.get('cache-control') ?? '', /immutable/);
      } finally {
        server.kill('SIGTERM');
      }
      assert.deepEqual(await ended, [0, null]);
    });

    test('its declarations can be compiled against', async (t) => {
      if (missing !== null) return t.skip(missing);
      await writeFile(
        join(installed, 'consumer.ts'),
        `import type { Assignment } from 'ringfence/dist/core/rollout/assignment.js';
import { desiredRevision } from 'ringfence/dist/core/rollout/assignment.js';
export const held = (assignment: Assignment) => desiredRevision(assignment, { uid: 'a', labels: { ring: 'canary' } });
// @ts-expect-error: a target has labels
desiredRevision(null as unknown as Assignment, { uid: 'a' });
`,
      );
      const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      const args = [
        tsc,
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'esnext',
        '--types',
        '',
        'consumer.ts',
      ];
      await succeed(process.execPath, args, installed);
    });
  });
});

// Runs a program of this repository under the pinned Node, installing what the lock file asks for first.
//
//   node scripts/pinned.mjs FILE [ARG...]
//
// Plain JavaScript on purpose: this must run on whatever Node (20 or later) a person happens to have.
// The install step runs only when package-lock.json is not the one that was installed last, and the console is built only for programs
// that serve it, when its sources are not those it was built from.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../bin/launch.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pinnedNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const stampFile = join(root, 'node_modules', '.installed-lock');

function fail(message) {
  process.stderr.write(`ringfence: ${message}\n`);
  process.exit(1);
}

function installIfLockChanged() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const installed = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';
  if (installed === lock && existsSync(pinnedNode)) return;
  process.stderr.write('ringfence: installing dependencies (first run, or the lock file changed) …\n');
  // The npm that runs us, if one does: it need not be the first in PATH.
  const running = process.env.npm_execpath ?? '';
  const [npm, ...given] = running.endsWith('npm-cli.js') ? [process.execPath, running] : ['npm'];
  const args = [...given, 'ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm's own words go to stderr: stdout belongs to the program that runs next, and may be piped into another.
  const result = spawnSync(npm, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.error)
    fail(`cannot run npm: ${result.error.message}. Install npm (it comes with Node), or put it into PATH.`);
  if (result.status !== 0) {
    fail(
      `"npm ci" failed in ${root} (see above). Check that the npm registry can be reached, then run the same command again.`,
    );
  }
  if (!existsSync(pinnedNode)) {
    fail(
      `the pinned Node was not installed at ${pinnedNode}. The "node" package fetches it in its install script; ` +
        'allow that script (package.json, "allowScripts"; do not set ignore-scripts) and run the same command again.',
    );
  }
  writeFileSync(stampFile, lock);
}

/** What does not build is said, and the server starts all the same: a rollback must not wait for a console. */
function buildConsoleFor(program, command) {
  if (program !== 'src/apps/cli/main.ts' || (command !== 'server' && command !== 'demo')) return;
  const built = spawnSync(pinnedNode, [join(root, 'scripts', 'console', 'main.ts')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (built.status !== 0)
    process.stderr.write('ringfence: the console could not be built (see above); it is as it was before\n');
}

installIfLockChanged();
const [file, ...rest] = process.argv.slice(2);
if (!file) fail('usage: node scripts/pinned.mjs FILE [ARG...]');
buildConsoleFor(file, rest[0]);
launch(pinnedNode, [join(root, file), ...rest]);

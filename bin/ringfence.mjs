#!/usr/bin/env node
// The `ringfence` command. Finds the Node it was made for (26 or later: the one running this file, or the one the `node`
// dependency brought), and the program: built in a published package, source in a clone.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './launch.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);

if (existsSync(join(root, 'src', 'apps', 'cli', 'main.ts'))) {
  process.argv.splice(2, args.length, 'src/apps/cli/main.ts', ...args);
  await import('../scripts/pinned.mjs');
} else {
  launch(suitableNode(), [join(root, 'dist', 'apps', 'cli', 'main.js'), ...args]);
}

function suitableNode() {
  if (Number(process.versions.node.split('.')[0]) >= 26) return process.execPath;
  try {
    const brought = createRequire(import.meta.url).resolve('node/bin/node');
    if (existsSync(brought)) return brought;
  } catch {
    // Said below, with what to do.
  }
  process.stderr.write(
    `ringfence: needs Node 26 or later, found ${process.versions.node}, and the "node" package that brings it is not complete.\n` +
      'Install Node 26, or allow the install script of the package "node" (npm install-scripts approve node) and install again.\n',
  );
  return process.exit(1);
}

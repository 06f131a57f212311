// Builds the console into build/console/, if what it is made of has changed. Commands that serve it do this by themselves.
//
//   node scripts/pinned.mjs scripts/console/main.ts
import { buildConsole } from './buildConsole.ts';

const started = performance.now();
if (await buildConsole()) {
  process.stderr.write(`ringfence: built the console (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
}

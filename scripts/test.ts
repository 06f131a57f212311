// Runs the tests with Node's own runner, two files at a time.
//
//   npm test                    all of them
//   npm test -- store link      those whose path has one of these words in it
//
// Ends with 1 when a test fails and, with CI=true, also when one is skipped: a machine that is there to test has what tests need.
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { buildConsole } from './console/buildConsole.ts';
import type { Counts } from './testrun/factsReporter.ts';
import { runTestFile, type TestFileOutcome } from './testrun/runTestFile.ts';

/** No file of ours comes near it; one that hangs must not hold up the others for ever. */
const FILE_TIMEOUT_MS = 12 * 60_000;
const AT_ONCE = 2;
/** Of one file; those of all files together are printed at the end. */
const NODE_COUNTS = /^\S*ℹ (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) .*\n?/gm;

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  // For the tests of this program itself.
  options: { in: { type: 'string' }, timeout: { type: 'string' } },
});
const root = options.in ?? join(import.meta.dirname, '..');
const timeoutMs = options.timeout === undefined ? FILE_TIMEOUT_MS : Number(options.timeout);
const ci = process.env.CI === 'true';
const terminal = process.stdout.isTTY === true;

const found = await Array.fromAsync(glob('{src,web,scripts,test,sim,bench}/**/*.test.ts', { cwd: root }));
const files = found.sort().filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
if (files.length === 0) {
  const which = words.length === 0 ? `below ${root}` : `with ${words.join(' or ')} in their path`;
  process.stderr.write(`test: there are no test files ${which}\n`);
  process.exit(1);
}

// Once for all of them: whoever serves the console finds it there.
if (options.in === undefined) await buildConsole();
if (terminal) process.env.FORCE_COLOR ??= '1';
const started = performance.now();
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());

const outcomes = new Map<string, TestFileOutcome>();
const queue = [...files];
async function work(): Promise<void> {
  for (let file = queue.shift(); file !== undefined && !stop.signal.aborted; file = queue.shift()) {
    const outcome = await runTestFile(file, { root, timeoutMs, stop: stop.signal });
    outcomes.set(file, outcome);
    tell(file, outcome);
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
process.exitCode = close() ? 0 : 1;

/** One line a file; Node's whole report of it to a terminal, or when it failed. */
function tell(file: string, { passed, says, output, facts, tookMs }: TestFileOutcome): void {
  const mark = passed ? styleText('green', '✔') : styleText('red', '✖');
  const count = facts === null ? '' : `${facts.counts.tests} tests, `;
  print(`${mark} ${file} (${count}${(tookMs / 1000).toFixed(1)} s)${says === '' ? '' : `: ${says}`}`);
  const report = output.replaceAll(NODE_COUNTS, '').trimEnd();
  if (report !== '' && (terminal || !passed)) print(report.replaceAll(/^(?=.)/gm, '  '));
}

/** The closing summary. Node's counts, over all files, stand last. */
function close(): boolean {
  const all = [...outcomes].sort(([a], [b]) => (a < b ? -1 : 1));
  const failed = all.filter(([, { passed }]) => !passed);
  const skipped = all.flatMap(([file, { facts }]) => (facts?.skipped ?? []).map((each) => ({ file, ...each })));
  if (failed.length > 0) print('\nfailed:');
  for (const [file, { says }] of failed) print(`  ${file}${says === '' ? '' : `: ${says}`}`);
  if (skipped.length > 0) {
    print(ci ? '\nskipped, which is a failure in CI:' : '\nskipped:');
    for (const { file, test, reason } of skipped) print(`  ${file}: ${test}\n    ${reason}`);
  }
  const untold = files.length - outcomes.size;
  if (untold > 0) print(`\nnot run: ${untold} files`);
  const sum = (of: keyof Counts) => all.reduce((total, [, { facts }]) => total + (facts?.counts[of] ?? 0), 0);
  // A file that never got to its tests is one failed test, as it is to Node.
  const lost = failed.filter(([, { facts }]) => facts === null).length;
  const counts = {
    tests: sum('tests') + lost,
    suites: sum('suites'),
    pass: sum('passed'),
    fail: sum('failed') + lost,
    cancelled: sum('cancelled'),
    skipped: sum('skipped'),
    todo: sum('todo'),
    duration_ms: Math.round(performance.now() - started),
  };
  print('');
  for (const [name, count] of Object.entries(counts)) print(`${terminal ? 'ℹ' : '#'} ${name} ${count}`);
  return failed.length === 0 && untold === 0 && !(ci && skipped.length > 0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { eventually } from './eventually.ts';
import { type Death, Supervisor } from './supervisor.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-supervisor-'));
const never = new AbortController().signal;
after(() => {
  for (const name of ['gentle', 'stubborn', 'late', 'orphan']) {
    const pid = readPid(name);
    if (pid !== null && isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
  rmSync(folder, { recursive: true });
});

const program = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
/** Lives for ever and writes down its process id; does not care for SIGTERM when it is stubborn. */
const liver = (name: string, stubborn = false) =>
  program(
    `${name}.mjs`,
    `import { writeFileSync } from 'node:fs';
     ${stubborn ? "process.on('SIGTERM', () => {});" : ''}
     setInterval(() => {}, 1000);
     writeFileSync(${JSON.stringify(join(folder, `${name}.pid`))}, String(process.pid));`,
  );
const pidOf = (name: string) => eventually(`${name} to start`, never, () => readPid(name));

function readPid(name: string): number | null {
  try {
    return Number(readFileSync(join(folder, `${name}.pid`), 'utf8')) || null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a child that dies is named, with how and its last words', async () => {
  const deaths: Death[] = [];
  const supervisor = new Supervisor({ logs: folder, cache: folder, onDeath: (death) => deaths.push(death) });
  const file = program(
    'dies.mjs',
    `for (let line = 1; line <= 20; line++) console.log('line', line);\nprocess.exit(3);`,
  );
  supervisor.start({ name: 'dies', file, args: [] });
  const death = await eventually('its death', never, () => deaths[0] ?? null);
  assert.equal(death.name, 'dies');
  assert.equal(death.how, 'ended with code 3');
  assert.equal(death.lastLines.at(-1), 'line 20');
  assert.deepEqual(supervisor.pids(), []);
});

test('stopping ends every child, the stubborn ones too, and is not a death', async () => {
  const deaths: Death[] = [];
  const supervisor = new Supervisor({ logs: folder, cache: folder, onDeath: (death) => deaths.push(death) });
  supervisor.start({ name: 'gentle', file: liver('gentle'), args: [] });
  supervisor.start({ name: 'stubborn', file: liver('stubborn', true), args: [] });
  const pids = [await pidOf('gentle'), await pidOf('stubborn')];
  await supervisor.stop(200);
  assert.deepEqual(pids.filter(isAlive), []);
  assert.deepEqual(deaths, []);
  supervisor.start({ name: 'late', file: liver('late'), args: [] });
  assert.deepEqual(supervisor.pids(), [], 'nothing starts any more');
});

test('children end when whoever started them is killed', async () => {
  const supervising = program(
    'supervising.ts',
    `import { Supervisor } from ${JSON.stringify(join(import.meta.dirname, 'supervisor.ts'))};
     const supervisor = new Supervisor({ logs: ${JSON.stringify(folder)}, cache: ${JSON.stringify(folder)}, onDeath: () => {} });
     supervisor.start({ name: 'orphan', file: ${JSON.stringify(liver('orphan'))}, args: [] });`,
  );
  const parent = spawn(process.execPath, [supervising], { stdio: 'inherit' });
  const orphan = await pidOf('orphan');
  parent.kill('SIGKILL');
  await eventually('the end of the orphan', never, () => !isAlive(orphan) || null);
});

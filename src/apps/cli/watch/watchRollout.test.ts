import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EXIT_CODES } from '../exitCodes.ts';
import { eventually } from '../testing/eventually.ts';
import { changeManifest, startFleet, startTestServer, type TestServer } from '../testing/fleet.ts';
import { NO_TERMINAL, runInTerminal } from '../testing/inTerminal.ts';

let server: TestServer;
let fleet: AsyncDisposable;
let rollouts = 0;

before(async () => {
  server = await startTestServer();
  fleet = await startFleet(server, 'manual');
});

after(async () => {
  await fleet?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

interface Line {
  readonly kind: string;
  readonly event?: { readonly position: number; readonly type: string };
  readonly view?: { readonly rollout: { readonly holds: readonly { readonly reason: string }[] } };
}

/** Rolls a new change out to where the first stage has passed and a person is asked. Resolves with the rollout's id. */
async function heldRollout(): Promise<string> {
  rollouts += 1;
  const name = `change-${rollouts}`;
  await server.run(['apply', '-f', '-'], { stdin: changeManifest(name, `{"size": ${100 + rollouts}}`) });
  const { rollout } = await server.json<{ rollout: { id: string } }>(['rollout', 'start', name]);
  await eventually('the hold', async () => {
    const view = await server.json<{ rollout: { holds: readonly { reason: string }[] } }>([
      'rollout',
      'show',
      rollout.id,
    ]);
    return view.rollout.holds.some(({ reason }) => reason === 'awaiting-promotion');
  });
  return rollout.id;
}

async function backAgain(id: string): Promise<void> {
  await server.run(['rollout', 'rollback', id, '--reason', 'the test is over', '--watch']);
}

function output(child: ReturnType<TestServer['start']>) {
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const code = new Promise<number | null>((resolve) => child.on('close', (ended) => resolve(ended)));
  return { text: () => text, code };
}

test('--timeout ends the watching, says how it stands, and leaves the rollout alone', async () => {
  const id = await heldRollout();
  const { code, stdout } = await server.run(['rollout', 'watch', id, '--timeout', '1s']);
  assert.equal(code, EXIT_CODES.unfinished.code);
  assert.match(
    stdout,
    new RegExp(`no longer watching after 1s: ${id} is held \\(awaiting-promotion\\), and goes on\\n$`),
  );
  await backAgain(id);
});

test('a rollout that is rolled back ends the watching with its own code', async () => {
  const id = await heldRollout();
  const watching = output(server.start(['rollout', 'watch', id]));
  await eventually('the first line', () => watching.text().includes('started'));
  const { code } = await server.run(['rollout', 'rollback', id, '--reason', 'changed my mind']);
  assert.equal(code, EXIT_CODES.done.code);
  assert.equal(await watching.code, EXIT_CODES.rolledBack.code);
  assert.match(
    watching.text(),
    /rolls back, person: changed my mind \(by .*\)\n.* rolled back: every target is back\n.* was rolled back \(person\)\n$/,
  );
});

test('without a name the rollout that runs is watched; Ctrl-C ends the watching and says that the rollout goes on', async () => {
  const id = await heldRollout();
  const child = server.start(['rollout', 'watch']);
  const watching = output(child);
  await eventually('the hold', () => watching.text().includes('awaiting-promotion'));
  child.kill('SIGINT');
  assert.equal(await watching.code, EXIT_CODES.interrupted.code);
  assert.match(
    watching.text(),
    new RegExp(`no longer watching; ${id} goes on \\(to stop it: ringfence rollout pause ${id} --reason TEXT\\)\\n$`),
  );
  const { rollout } = await server.json<{ rollout: { phase: string } }>(['rollout', 'show', id]);
  assert.notEqual(rollout.phase, 'rollingBack');
  await backAgain(id);
});

test('law 19: a server killed and started again: it is said, and every event comes once and in order', async () => {
  const id = await heldRollout();
  const watching = output(server.start(['rollout', 'watch', id, '--json']));
  const lines = () =>
    watching
      .text()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line & { connected?: boolean });
  await eventually('the live view', () => lines().some(({ kind }) => kind === 'rollout'));
  await server.kill();
  await eventually('the loss', () =>
    lines().some(({ kind, connected }) => kind === 'connection' && connected === false),
  );
  await server.restart();
  await eventually('the return', () =>
    lines().some(({ kind, connected }) => kind === 'connection' && connected === true),
  );
  await eventually('the promotion', async () => (await server.run(['rollout', 'promote', id])).code === 0);
  assert.equal(await watching.code, EXIT_CODES.done.code);
  const positions = lines().flatMap(({ event }) => (event === undefined ? [] : [event.position]));
  assert.deepEqual(
    positions,
    [...new Set(positions)].sort((a, b) => a - b),
  );
  const types = lines().flatMap(({ event }) => (event === undefined ? [] : [event.type]));
  assert.equal(types[0], 'RolloutStarted');
  assert.equal(types.at(-1), 'RolloutCompleted');
});

test('in a terminal: drawn in place, never wider than the screen, and what stays is the story and how it ended', {
  skip: NO_TERMINAL,
}, async () => {
  const id = await heldRollout();
  await using terminal = runInTerminal(['rollout', 'watch', id], 80, 24, { cwd: server.folder, env: server.env() });
  await eventually('the pane', () => terminal.screen.text.includes('Ctrl-C stops watching'));
  const held = terminal.screen.text;
  assert.match(held, new RegExp(`^\\d\\d:\\d\\d:\\d\\d {2}${id} started: `));
  assert.match(held, new RegExp(`\n\n‖ held {2}${id} {2}change-\\d+ [0-9a-f]{12} {2}for .*\n {2}held in "canary": `));
  assert.match(held, /\n {2}✓ canary {2}1 target {3}passed\n {2}· broad {3}2 targets {2}not open\n/);
  assert.match(held, /\n {2}held {4}awaiting-promotion\n/);
  assert.ok(terminal.bytes().includes('\x1b[33m'), 'there are colours');
  await server.run(['rollout', 'promote', id]);
  assert.equal(await terminal.code, EXIT_CODES.done.code);
  const { text } = terminal.screen;
  assert.match(
    text,
    new RegExp(
      `\n\n✓ completed {2}${id} [^\n]* took [^\n]*\n[^\n]*\n\n {2}✓ canary {2}1 target {3}passed\n {2}✓ broad {3}2 targets {2}passed\n\n[^\n]*\n\n${id} completed$`,
    ),
  );
  assert.equal(text.match(/canary {2}1 target/g)?.length, 1, 'the pane stands there once');
  assert.ok(terminal.bytes().endsWith('\x1b[?25h'), 'the cursor is given back');
});

test('in a terminal: NO_COLOR is honoured, Ctrl-C gives the cursor back', { skip: NO_TERMINAL }, async () => {
  const id = await heldRollout();
  await using terminal = runInTerminal(['rollout', 'watch', id], 60, 20, {
    cwd: server.folder,
    env: { ...server.env(), NO_COLOR: '1' },
  });
  await eventually('the pane', () => terminal.screen.text.includes('Ctrl-C stops watching'));
  terminal.type('\x03');
  assert.equal(await terminal.code, EXIT_CODES.interrupted.code);
  assert.match(terminal.screen.text, /no longer watching; \S+ goes on/);
  assert.ok(!terminal.bytes().includes('\x1b[3'), 'there are no colours');
  assert.ok(terminal.bytes().endsWith('\x1b[?25h'));
  await backAgain(id);
});

test('in a terminal: a token is asked for without being shown', { skip: NO_TERMINAL }, async () => {
  const env = { RINGFENCE_SERVER: '', RINGFENCE_TOKEN: '' };
  await using terminal = runInTerminal(['login', server.http], 200, 24, { cwd: server.folder, env });
  await eventually('the question', () => terminal.screen.text.includes('(it is not shown):'));
  terminal.type(`x\x7f${server.adminToken}\r`);
  assert.equal(await terminal.code, EXIT_CODES.done.code);
  assert.match(terminal.screen.text, /signed in to .* as server admin \(admin\)/);
  assert.ok(!terminal.bytes().includes(server.adminToken.slice(0, 12)));
});

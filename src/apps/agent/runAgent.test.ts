import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { stringify } from 'yaml';
import { eventually } from '../../adapters/driver/testing/eventually.ts';
import { type AgentBench, agentBench, DIGESTS } from './testing/agentBench.ts';
import { SLOT } from './testing/benchFleet.ts';

const CLI = join(import.meta.dirname, '..', 'cli', 'main.ts');

class Program {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';

  constructor(test: TestContext, ...args: readonly string[]) {
    this.child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (bytes) => {
      this.stdout += bytes;
    });
    this.child.stderr?.on('data', (bytes) => {
      this.stderr += bytes;
    });
    test.after(() => this.child.kill('SIGKILL'));
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }

  get log(): readonly Readonly<Record<string, unknown>>[] {
    return this.stderr.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  }
}

/** The bench's target as one would write it down. */
function manifest(
  bench: AgentBench,
  name: string,
  file = bench.file,
  rest: Readonly<Record<string, unknown>> = {},
): string {
  const path = join(bench.folder, `${name}.yaml`);
  const spec = {
    server: bench.spec.server,
    tokenFile: './token',
    directory: `./state-${name}`,
    service: 'shop',
    role: 'web',
    slots: { [SLOT]: { file } },
    ...rest,
  };
  writeFileSync(path, stringify({ apiVersion: 'ringfence.dev/v1', kind: 'Agent', metadata: { name }, spec }));
  return path;
}

describe('ringfence agent', () => {
  it('runs several agents in one process, says what it holds without a server, and ends in order', async (test) => {
    const bench = await agentBench(test);
    const other = join(bench.folder, 'other.json');
    const configs = [manifest(bench, 'one'), manifest(bench, 'two', other)].flatMap((path) => ['--config', path]);
    const program = new Program(test, 'agent', ...configs);
    await eventually('both are known', () => bench.fleet.enrolled.length === 2);
    assert.equal(new Set(bench.fleet.enrolled.map(({ uid }) => uid)).size, 2);
    bench.fleet.order({ candidate: DIGESTS.good });
    await eventually(
      'both hold it',
      () =>
        bench.fleet.reports.filter(({ slots }) => slots[0]?.phase === 'settled' && slots[0].current === DIGESTS.good)
          .length >= 2,
    );

    const again = new Program(test, 'agent', ...configs);
    assert.equal(await again.ended(), 1);
    assert.match(again.stderr, /^ringfence agent: agent one: another agent is running with .*state-one; stop it/);

    await bench.server.close();
    const status = new Program(test, 'agent', 'status', '--json', ...configs);
    assert.equal(await status.ended(), 0, status.stderr);
    const { agents } = JSON.parse(status.stdout) as {
      agents: { agent: string; uid: string; slots: { record: { holds: string; baseline: { content: string } } }[] }[];
    };
    assert.deepEqual(
      agents.map(({ agent, slots }) => [agent, slots[0]?.record.holds, slots[0]?.record.baseline.content]),
      [
        ['one', DIGESTS.good, DIGESTS.old],
        ['two', DIGESTS.good, 'absent'],
      ],
    );
    const words = new Program(test, 'agent', 'status', ...configs);
    assert.equal(await words.ended(), 0, words.stderr);
    assert.match(
      words.stdout,
      new RegExp(
        `config/shop  watching, holds ${DIGESTS.good.slice(7, 19)} .*\n.*baseline no file; confirmed and kept: ${DIGESTS.good.slice(7, 19)}; of whole rollouts: none; .*\n.*on trial; 0 starts of the agent`,
      ),
    );

    program.child.kill('SIGTERM');
    assert.equal(await program.ended(), 0);
    assert.equal(bench.inFile(), 'good', 'what is confirmed stays');
    assert.ok(
      program.log.some(({ agent, slot, event }) => agent === 'two' && slot === SLOT && event === 'Confirmed'),
      program.stderr,
    );
    assert.doesNotMatch(program.stderr, /a-token|\n {4}at /);
  });

  it('a mistake in a file: said at its place, 2, and nothing runs', async (test) => {
    const bench = await agentBench(test);
    const good = manifest(bench, 'good');
    const bad = manifest(bench, 'bad', bench.file, { labels: { ring: true } });
    const program = new Program(test, 'agent', '--config', good, '--config', bad);
    assert.equal(await program.ended(), 2);
    assert.match(program.stderr, /bad\.yaml:\d+:\d+: spec\.labels\.ring: found true, expected/);
    assert.doesNotMatch(program.stderr, /\n {4}at /);
    assert.deepEqual(bench.fleet.enrolled, []);
  });

  // biome-ignore format: a table
  const TOKENS: readonly (readonly [why: string, text: string | null, says: RegExp])[] = [
    ['that is not there', null, /agent one: cannot read its token: ENOENT/],
    ['that is empty', '\n', /agent one: .*own-token does not hold a token/],
    ['with something after it', 'a-token # mine', /does not hold a token: expected one line without spaces/],
  ];
  for (const [why, text, says] of TOKENS) {
    it(`a token file ${why}: said, without what is in it`, async (test) => {
      const bench = await agentBench(test);
      if (text !== null) writeFileSync(join(bench.folder, 'own-token'), text);
      const program = new Program(
        test,
        'agent',
        '--config',
        manifest(bench, 'one', bench.file, { tokenFile: './own-token' }),
      );
      assert.equal(await program.ended(), 2);
      assert.match(program.stderr, says);
      assert.doesNotMatch(program.stderr, /mine/);
    });
  }

  it('a wrong token: said, and the agent goes on', async (test) => {
    const bench = await agentBench(test);
    writeFileSync(join(bench.folder, 'own-token'), 'wrong');
    const program = new Program(
      test,
      'agent',
      '--config',
      manifest(bench, 'one', bench.file, { tokenFile: './own-token' }),
    );
    await eventually('said', () =>
      program.log.some(
        ({ msg, level }) => /does not accept this agent's token/.test(String(msg)) && Number(level) >= 40,
      ),
    );
    assert.equal(program.child.exitCode, null);
    program.child.kill('SIGINT');
    assert.equal(await program.ended(), 0);
  });

  it('a record that was damaged: said with what to do, and nothing is guessed', async (test) => {
    const bench = await agentBench(test);
    const config = manifest(bench, 'one');
    const program = new Program(test, 'agent', '--config', config);
    await eventually('it runs', () => bench.fleet.slot?.verifiedBy === 'file');
    program.child.kill('SIGTERM');
    await program.ended();
    const record = join(bench.folder, 'state-one', 'slots', 'config%2Fshop.json');
    chmodSync(record, 0o600);
    writeFileSync(record, 'damaged');
    const again = new Program(test, 'agent', '--config', config);
    assert.equal(await again.ended(), 1);
    assert.match(again.stderr, /config%2Fshop\.json is not as it was written\. .* and start again/);
    const status = new Program(test, 'agent', 'status', '--config', config);
    await status.ended();
    assert.match(status.stdout, /config\/shop {2}.*is not as it was written/);
  });
});

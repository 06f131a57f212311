import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { AgentStartError } from './agentIo.ts';
import { loadAgentSpecs } from './loadAgentSpecs.ts';

const agent = (name: string, rest = '') => `apiVersion: ringfence.dev/v1
kind: Agent
metadata: { name: ${name} }
spec:
  server: ws://127.0.0.1:4320/v1/opamp
  tokenFile: ../token
  directory: ./state-${name}
  service: shop
  slots:
    config/shop: { file: ./shop.json, reload: { signal: SIGHUP, pidFile: /run/shop.pid } }
    config/till: { file: /etc/till.json, reload: { command: [./reload.sh, ./x] } }
  checks:
    - { name: one, exec: { command: [bin/check] } }
    - { name: two, exec: { command: [curl, ./x] } }
${rest}`;

function files(test: TestContext, texts: Readonly<Record<string, string>>): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-specs-'));
  test.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'agents'));
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, 'agents', name), text);
  return (name) => join(folder, 'agents', name);
}

function refused(load: () => unknown): string {
  let message = '';
  assert.throws(load, (error) => {
    assert.ok(error instanceof AgentStartError && error.usage);
    message = error.message;
    return true;
  });
  return message;
}

describe("agents' files", () => {
  it('resolves relative paths from the folder of the file, and leaves programs on the PATH', (test) => {
    const at = files(test, { 'a.yaml': agent('a') });
    const [spec] = loadAgentSpecs([at('a.yaml')]);
    assert.ok(spec);
    assert.deepEqual([spec.tokenFile, spec.directory], [at('../token'), at('state-a')]);
    const { 'config/shop': shop, 'config/till': till } = spec.slots;
    assert.ok(shop?.kind === 'config' && till?.kind === 'config');
    assert.deepEqual(shop.reload, { kind: 'signal', signal: 'SIGHUP', pidFile: '/run/shop.pid' });
    assert.equal(shop.file, at('shop.json'));
    assert.equal(till.file, '/etc/till.json');
    assert.deepEqual(till.reload, {
      kind: 'command',
      command: [at('reload.sh'), './x'],
      timeoutMs: 10_000,
    });
    assert.deepEqual(
      spec.checks.map(({ probe }) => 'command' in probe && probe.command),
      [[at('bin/check')], ['curl', './x']],
    );
    assert.deepEqual([spec.role, shop.watchForMs], [null, 30_000]);
  });

  it('takes several files, and several agents in one', (test) => {
    const at = files(test, { 'a.yaml': `${agent('a')}---\n${agent('b')}`, 'c.yaml': agent('c') });
    assert.deepEqual(
      loadAgentSpecs([at('a.yaml'), at('c.yaml')]).map(({ name }) => name),
      ['a', 'b', 'c'],
    );
  });

  it('says every mistake at its place', (test) => {
    const at = files(test, {
      'a.yaml': agent('a').replace('./shop.json', '5'),
      'b.yaml':
        'apiVersion: ringfence.dev/v1\nkind: Service\nmetadata: { name: shop }\nspec: { roles: { web: {} }, slots: { config/shop: {} } }\n',
      'c.yaml': agent('c').replace('signal: SIGHUP', 'signal: SIGHUPP'),
    });
    const message = refused(() => loadAgentSpecs(['a.yaml', 'b.yaml', 'c.yaml'].map(at)));
    assert.match(message, /a\.yaml:10:26: spec\.slots\["config\/shop"\]\.file: found the number 5, expected a path/);
    assert.match(message, /b\.yaml: found a Service \(shop\), expected manifests of kind Agent only/);
    assert.match(message, /c\.yaml:10:57: .*did you mean "SIGHUP"\?/);
  });

  it('says what is missing', (test) => {
    const at = files(test, {});
    assert.match(
      refused(() => loadAgentSpecs([])),
      /give --config FILE/,
    );
    assert.match(
      refused(() => loadAgentSpecs([at('none.yaml')])),
      /cannot read .*none\.yaml: ENOENT/,
    );
  });

  it('refuses a directory for two', (test) => {
    const at = files(test, { 'a.yaml': agent('a'), 'b.yaml': agent('b').replace('state-b', 'state-a') });
    assert.match(
      refused(() => loadAgentSpecs([at('a.yaml'), at('b.yaml')])),
      /agents a and b have the same directory/,
    );
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { driverTools } from '../../../test/support/driverTools.ts';
import type { Content } from '../../core/agent/slot.ts';
import { DriverError } from '../../engine/ports/driver.ts';
import type { ConfigSlot } from '../../wire/manifest/slot/configSlot.ts';
import { configDriver } from './config.ts';
import { forward, revisionOf } from './contract/driverProofs.ts';
import { eventually } from './testing/eventually.ts';
import { PLAIN_FILE } from './testing/places/configPlace.ts';
import { withoutProgram } from './testing/program.ts';
import { freePort, NGINX, nginxConfig, startNginx } from './testing/startNginx.ts';

const TOOLS = driverTools();
const SIGNAL = new AbortController().signal;
const KEPT: ReadonlySet<Content> = new Set();

async function beside(test: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-nginx-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'nginx.conf');
  const port = await freePort();
  const saying = (text: string) =>
    nginxConfig(folder, `  server { listen 127.0.0.1:${port}; location / { return 200 "${text}"; } }`);
  writeFileSync(file, saying('old'));
  const nginx = await startNginx(folder, file, port);
  test.after(() => nginx.stop());
  const spec: ConfigSlot = {
    ...PLAIN_FILE,
    kind: 'config',
    file,
    validate: { command: [NGINX, '-t', '-p', folder, '-c', '{file}'], timeoutMs: 10_000 },
    reload: { kind: 'signal', signal: 'SIGHUP', pidFile: nginx.pidFile },
  };
  const says = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();
  return { folder, file, spec, saying, says };
}

describe('config: validated before anything moves, by nginx itself', {
  skip: withoutProgram('nginx', 'nginx-light'),
}, () => {
  it('a good one goes forward and back', async (test) => {
    const at = await beside(test);
    const driver = configDriver(at.spec, TOOLS);
    const back = await driver.read(SIGNAL);
    await forward(driver, revisionOf(Buffer.from(at.saying('new'))), back);
    await eventually('it says new', async () => (await at.says()) === 'new');
    await driver.undo(back, null, SIGNAL, 'reload');
    await eventually('it says old', async () => (await at.says()) === 'old');
  });

  it('one that nginx would not read is refused with what nginx says, and nothing has moved', async (test) => {
    const at = await beside(test);
    const driver = configDriver(at.spec, TOOLS);
    const back = await driver.read(SIGNAL);
    const bad = revisionOf(Buffer.from(at.saying('new').replace('return 200', 'retrun 200')));
    await assert.rejects(driver.prepare(bad, back, SIGNAL), (error) => {
      assert.ok(error instanceof DriverError);
      assert.deepEqual([error.code, error.touched], ['prepare-failed', false]);
      assert.match(
        error.message,
        /the validate command .*nginx -t .*ended with code 1; it said: [\s\S]*unknown directive "retrun"/,
      );
      return true;
    });
    assert.deepEqual([readFileSync(at.file, 'utf8'), await at.says()], [at.saying('old'), 'old']);
    await driver.tidy(null, KEPT);
    assert.ok(!readdirSync(at.folder).some((name) => name.includes('ringfence')));
  });
});

describe('config: the owner', { skip: process.getuid?.() !== 0 && 'giving files away takes root' }, () => {
  const owned = (test: TestContext, user: string, group: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-owner-'));
    test.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'shop.json');
    writeFileSync(file, 'old', { mode: 0o600 });
    const driver = configDriver({ ...PLAIN_FILE, file, owner: { user, group } }, TOOLS);
    const owner = () => `${statSync(file).uid}:${statSync(file).gid}`;
    return { driver, owner };
  };

  it('is given by name or number, and the baseline gets its own back', async (test) => {
    for (const [user, group, expected] of [
      ['daemon', 'nogroup', '1:65534'],
      ['1234', '4321', '1234:4321'],
    ] as const) {
      const { driver, owner } = owned(test, user, group);
      const back = await driver.read(SIGNAL);
      await forward(driver, revisionOf(Buffer.from('new')), back);
      assert.equal(owner(), expected);
      await driver.undo(back, null, SIGNAL, 'reload');
      assert.equal(owner(), '0:0');
    }
  });

  it('that is not known is said before anything moves, and does not stop the way back', async (test) => {
    const { driver, owner } = owned(test, 'nobody-has-this-name', 'nogroup');
    const back = await driver.read(SIGNAL);
    await assert.rejects(
      driver.prepare(revisionOf(Buffer.from('new')), back, SIGNAL),
      /there is no user nobody-has-this-name on this target/,
    );
    await driver.undo({ ...revisionOf(Buffer.from('older')) }, null, SIGNAL, 'reload');
    assert.equal(owner(), '0:0');
  });
});

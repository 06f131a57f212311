import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { driverTools } from '../../../test/support/driverTools.ts';
import type { Content } from '../../core/agent/slot.ts';
import { type Driver, DriverError, type Revision } from '../../engine/ports/driver.ts';
import type { AgentReload } from '../../wire/manifest/agent.ts';
import type { ConfigSlot } from '../../wire/manifest/slot/configSlot.ts';
import { DRIVERS, type DriverMaker, driverFor } from './driverRegistry.ts';
import { startTinyService, type TinyService } from './testing/startTinyService.ts';

const TOOLS = driverTools();
const SIGNAL = new AbortController().signal;
const KEPT: ReadonlySet<Content> = new Set();
const PLAIN: ConfigSlot = {
  kind: 'config',
  file: '',
  mode: null,
  owner: null,
  validate: null,
  reload: null,
  restart: null,
  verify: null,
  watchForMs: 0,
};

function contentOf(bytes: string | Uint8Array): Content {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function revision(text: string): Revision {
  return { content: contentOf(text), bytes: Buffer.from(text), attributes: null };
}

const ABSENT: Revision = { content: 'absent', bytes: null, attributes: {} };

interface Place {
  readonly folder: string;
  readonly file: string;
  readonly pidFile: string;
  slot(rest?: Partial<ConfigSlot>): ConfigSlot;
  driver(rest?: Partial<ConfigSlot>): Driver;
}

function place(test: TestContext, text: string | null = 'old'): Place {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-driver-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'shop.json');
  if (text !== null) writeFileSync(file, text);
  const slot = (rest: Partial<ConfigSlot> = {}) => ({ ...PLAIN, file, ...rest });
  return { folder, file, pidFile: join(folder, 'shop.pid'), slot, driver: (rest) => DRIVERS.config(slot(rest), TOOLS) };
}

async function beside(test: TestContext, at: Place): Promise<TinyService> {
  const service = await startTinyService(at.file, at.pidFile);
  test.after(() => service.kill());
  return service;
}

function bySignal({ pidFile }: Place): AgentReload {
  return { kind: 'signal', signal: 'SIGHUP', pidFile };
}

function asked({ url }: TinyService, withinMs = 5_000): NonNullable<ConfigSlot['verify']> {
  return { kind: 'http', url: `${url}/config`, sha256Field: 'held.digest', withinMs };
}

/** Forward, as the engine would go. */
async function bring(driver: Driver, text: string): Promise<Revision> {
  const back = await driver.read(SIGNAL);
  const next = revision(text);
  await driver.prepare(next, back, SIGNAL);
  await driver.apply(next, back.content, SIGNAL);
  return back;
}

function failsWith(code: string, says: RegExp, touched?: boolean) {
  return (error: unknown) => {
    assert.ok(error instanceof DriverError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, says);
    if (touched !== undefined) assert.equal(error.touched, touched);
    return true;
  };
}

describe('config: the file', () => {
  it('goes forward and back, keeping mode and owner', async (test) => {
    const at = place(test);
    chmodSync(at.file, 0o640);
    const root = process.getuid?.() === 0;
    if (root) chownSync(at.file, 1234, 4321);
    const driver = at.driver();
    const back = await bring(driver, 'new');
    const mine = { uid: process.getuid?.(), gid: process.getgid?.() };
    const about = () => {
      const { mode, uid, gid } = statSync(at.file);
      return { text: readFileSync(at.file, 'utf8'), mode: mode & 0o7777, uid, gid };
    };
    const owner = root ? { uid: 1234, gid: 4321 } : mine;
    assert.deepEqual(about(), { text: 'new', mode: 0o640, ...owner });
    assert.equal(await driver.verify(revision('new'), SIGNAL), 'file');
    assert.equal(await driver.undo(back, contentOf('new'), SIGNAL, 'reload'), 'file');
    assert.deepEqual(about(), { text: 'old', mode: 0o640, ...owner });
  });

  it('takes the configured mode, and gives the baseline its own back', async (test) => {
    const at = place(test);
    chmodSync(at.file, 0o600);
    const driver = at.driver({ mode: 0o644 });
    const back = await bring(driver, 'new');
    assert.equal(statSync(at.file).mode & 0o777, 0o644);
    await driver.tidy(null, KEPT);
    // Long after, from the bytes and attributes that were kept.
    await driver.undo(back, contentOf('new'), SIGNAL, 'reload');
    assert.deepEqual([readFileSync(at.file, 'utf8'), statSync(at.file).mode & 0o777], ['old', 0o600]);
  });

  it('no file at first: going back removes it', async (test) => {
    const at = place(test, null);
    const driver = at.driver();
    const back = await bring(driver, 'new');
    assert.deepEqual([back.content, readFileSync(at.file, 'utf8')], ['absent', 'new']);
    assert.equal(await driver.undo(ABSENT, contentOf('new'), SIGNAL, 'reload'), 'file');
    assert.ok(!existsSync(at.file));
    assert.equal(await driver.undo(ABSENT, contentOf('new'), SIGNAL, 'reload'), 'file', 'once more does no harm');
  });

  it('prepares beside it and changes nothing; tidies up after itself', async (test) => {
    const at = place(test);
    const driver = at.driver();
    const back = await driver.read(SIGNAL);
    await driver.prepare(revision('new'), back, SIGNAL);
    assert.equal(readFileSync(at.file, 'utf8'), 'old');
    assert.deepEqual(readdirSync(at.folder).sort(), [
      '.shop.json.ringfence-back',
      '.shop.json.ringfence-next',
      'shop.json',
    ]);
    await driver.tidy(back.content, KEPT);
    assert.deepEqual(readdirSync(at.folder).sort(), ['.shop.json.ringfence-back', 'shop.json']);
    await driver.tidy(null, KEPT);
    assert.deepEqual(readdirSync(at.folder), ['shop.json']);
  });

  it('does not overwrite what somebody else wrote meanwhile', async (test) => {
    const at = place(test);
    const driver = at.driver();
    const back = await driver.read(SIGNAL);
    await driver.prepare(revision('new'), back, SIGNAL);
    writeFileSync(at.file, 'by hand');
    await assert.rejects(
      driver.apply(revision('new'), back.content, SIGNAL),
      failsWith('drifted', /somebody else changed it/, false),
    );
    assert.equal(readFileSync(at.file, 'utf8'), 'by hand');
  });

  it('going back overwrites anything: other bytes, a link, nothing at all', async (test) => {
    const at = place(test);
    const driver = at.driver();
    const back = await bring(driver, 'new');
    const elsewhere = join(at.folder, 'elsewhere');
    writeFileSync(elsewhere, 'not ours');
    const damages = [
      () => writeFileSync(at.file, 'by hand'),
      () => rmSync(at.file),
      () => {
        rmSync(at.file);
        symlinkSync(elsewhere, at.file);
      },
    ];
    for (const damage of damages) {
      damage();
      await driver.undo(back, contentOf('new'), SIGNAL, 'reload');
      assert.ok(lstatSync(at.file).isFile());
      assert.equal(readFileSync(at.file, 'utf8'), 'old');
    }
    assert.equal(readFileSync(elsewhere, 'utf8'), 'not ours');
  });

  it('checks what it staged when it uses it', async (test) => {
    const at = place(test);
    const driver = at.driver();
    const back = await driver.read(SIGNAL);
    await driver.prepare(revision('new'), back, SIGNAL);
    for (const name of ['next', 'back']) writeFileSync(join(at.folder, `.shop.json.ringfence-${name}`), 'damaged');
    await driver.apply(revision('new'), back.content, SIGNAL);
    assert.equal(readFileSync(at.file, 'utf8'), 'new');
    await driver.undo(back, contentOf('new'), SIGNAL, 'reload');
    assert.equal(readFileSync(at.file, 'utf8'), 'old');
  });

  it('refuses a link, naming what it points to; follows a folder that is one', async (test) => {
    const at = place(test, null);
    const real = join(at.folder, 'real.json');
    writeFileSync(real, 'old');
    symlinkSync(real, at.file);
    await assert.rejects(
      at.driver().read(SIGNAL),
      failsWith('prepare-failed', /is a symbolic link to .*real\.json: name the file itself/),
    );
    assert.equal(readlinkSync(at.file), real);
    const linked = join(at.folder, 'linked');
    symlinkSync(at.folder, linked);
    const driver = DRIVERS.config({ ...PLAIN, file: join(linked, 'real.json') }, TOOLS);
    await bring(driver, 'new');
    assert.equal(readFileSync(real, 'utf8'), 'new');
  });

  it('refuses what is no file, without waiting for it', async (test) => {
    const at = place(test, null);
    mkdirSync(at.file);
    await assert.rejects(at.driver().read(SIGNAL), failsWith('prepare-failed', /is not a regular file/));
    rmSync(at.file, { recursive: true });
    execFileSync('mkfifo', [at.file]);
    await assert.rejects(at.driver().read(SIGNAL), failsWith('prepare-failed', /is not a regular file/));
  });

  it('leaves another name of the same file alone', async (test) => {
    const at = place(test);
    const other = join(at.folder, 'other.json');
    linkSync(at.file, other);
    await bring(at.driver(), 'new');
    assert.deepEqual([readFileSync(at.file, 'utf8'), readFileSync(other, 'utf8')], ['new', 'old']);
  });

  it('says that there is no folder, before anything is changed', async (test) => {
    const at = place(test, null);
    const driver = DRIVERS.config({ ...PLAIN, file: join(at.folder, 'nowhere', 'shop.json') }, TOOLS);
    await assert.rejects(bring(driver, 'new'), failsWith('prepare-failed', /there is no such folder/, false));
  });

  it('a full disk is found before anything is changed, and does not stop going back', async (test) => {
    if (process.getuid?.() !== 0) return test.skip('mounting a tiny file system takes root');
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-full-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
    test.after(() => {
      execFileSync('umount', [folder]);
      rmSync(folder, { recursive: true });
    });
    const file = join(folder, 'shop.json');
    writeFileSync(file, 'old');
    const driver = DRIVERS.config({ ...PLAIN, file }, TOOLS);
    await assert.rejects(bring(driver, 'x'.repeat(100_000)), failsWith('disk-full', /no room left/, false));
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('next')),
      [],
      'what was half written is gone',
    );
    assert.equal(readFileSync(file, 'utf8'), 'old');
    const back = await bring(driver, 'x'.repeat(10_000));
    assert.throws(() => writeFileSync(join(folder, 'filler'), 'x'.repeat(100_000)), /ENOSPC/);
    assert.equal(await driver.undo(back, contentOf('x'), SIGNAL, 'reload'), 'file');
    assert.equal(readFileSync(file, 'utf8'), 'old');
  });
});

describe('config: the service', () => {
  it('reads its file again on a signal, and says so', async (test) => {
    const at = place(test, '{}');
    const service = await beside(test, at);
    const driver = at.driver({ reload: bySignal(at), verify: asked(service) });
    const back = await bring(driver, '{ "a": 1 }');
    assert.equal(await driver.verify(revision('{ "a": 1 }'), SIGNAL), 'http');
    assert.equal(await driver.undo(back, contentOf('{ "a": 1 }'), SIGNAL, 'reload'), 'http');
    assert.equal(await service.reads(), 3);
  });

  it('reads its file again when asked over HTTP', async (test) => {
    const at = place(test, '{}');
    const service = await beside(test, at);
    const reload: AgentReload = { kind: 'http', url: `${service.url}/reload`, method: 'POST', timeoutMs: 5_000 };
    const driver = at.driver({ reload, verify: asked(service) });
    await bring(driver, '{ "a": 1 }');
    assert.equal(await driver.verify(revision('{ "a": 1 }'), SIGNAL), 'http');
  });

  it('reads its file again by a command', async (test) => {
    const at = place(test, '{}');
    const service = await beside(test, at);
    const reload: AgentReload = { kind: 'command', command: ['kill', '-HUP', String(service.pid)], timeoutMs: 5_000 };
    const driver = at.driver({ reload, verify: asked(service) });
    await bring(driver, '{ "a": 1 }');
    assert.equal(await driver.verify(revision('{ "a": 1 }'), SIGNAL), 'http');
  });

  it('back to no file: anything but what it left shows it', async (test) => {
    const at = place(test, null);
    const service = await beside(test, at);
    const driver = at.driver({ reload: bySignal(at), verify: asked(service) });
    await bring(driver, '{}');
    assert.equal(await driver.undo(ABSENT, contentOf('{}'), SIGNAL, 'reload'), 'http');
  });

  it('law 7: one that never reads its file again is neither forward nor back', async (test) => {
    const at = place(test, '{}');
    const service = await beside(test, at);
    const driver = at.driver({ reload: bySignal(at), verify: asked(service, 300) });
    const deaf = '{ "deaf": true }';
    const back = await bring(driver, deaf);
    await driver.verify(revision(deaf), SIGNAL);
    await assert.rejects(
      driver.undo(back, contentOf(deaf), SIGNAL, 'reload'),
      failsWith(
        'revert-failed',
        /shop\.json is as it was, but the service does not show it within 300ms: .*held\.digest is sha256:/,
      ),
    );
    assert.equal(readFileSync(at.file, 'utf8'), '{}');
    const { pid } = service;
    await service.kill();
    await assert.rejects(
      driver.undo(back, contentOf(deaf), SIGNAL, 'reload'),
      failsWith('revert-failed', new RegExp(`ECONNREFUSED.*; nor could it be told: .*no process ${pid}`)),
    );
  });

  it('law 7: one that never reads its file again is back after a restart, and that is said', async (test) => {
    const at = place(test, '{}');
    let service = await beside(test, at);
    const driver = at.driver({
      reload: bySignal(at),
      restart: { kind: 'signal', signal: 'SIGTERM', pidFile: at.pidFile },
      verify: asked(service, 10_000),
    });
    assert.equal(driver.canRestart, true);
    const deaf = '{ "deaf": true }';
    const back = await bring(driver, deaf);
    await driver.verify(revision(deaf), SIGNAL);
    // As a service manager would.
    const supervised = service.ended.then(async () => {
      service = await startTinyService(at.file, at.pidFile, service.port);
      test.after(() => service.kill());
    });
    assert.equal(await driver.undo(back, contentOf(deaf), SIGNAL, 'restart'), 'http after a restart');
    await supervised;
  });

  it('law 7: a restart by command, and one that fails is said to be one', async (test) => {
    const at = place(test);
    const marker = join(at.folder, 'restarted');
    const restart: AgentReload = { kind: 'command', command: ['touch', marker], timeoutMs: 5_000 };
    const driver = at.driver({ restart });
    const back = await bring(driver, 'new');
    assert.equal(await driver.undo(back, contentOf('new'), SIGNAL, 'reload'), 'file');
    assert.ok(!existsSync(marker));
    assert.equal(await driver.undo(back, contentOf('new'), SIGNAL, 'restart'), 'file after a restart');
    assert.ok(existsSync(marker));
    const broken = at.driver({ restart: { ...restart, command: ['false'] } });
    await assert.rejects(
      broken.undo(back, contentOf('new'), SIGNAL, 'restart'),
      failsWith(
        'revert-failed',
        /as it was, but after a restart the service could not be told: the restart command false/,
      ),
    );
    const without = at.driver();
    assert.equal(without.canRestart, false);
    assert.equal(await without.undo(back, contentOf('new'), SIGNAL, 'restart'), 'file');
  });

  it('law 9: tells one process of the service from the next', async (test) => {
    const at = place(test, '{}');
    const service = await beside(test, at);
    const driver = at.driver({ reload: bySignal(at) });
    const read = async () => (await driver.read(SIGNAL)).process;
    const first = await read();
    assert.match(first ?? '', new RegExp(`^${service.pid} of [0-9]+$`));
    assert.equal(await read(), first);
    await service.kill();
    assert.equal(await read(), undefined);
    const next = await startTinyService(at.file, at.pidFile, service.port);
    test.after(() => next.kill());
    assert.notEqual(await read(), first);
  });

  it('one that dies of it is a clear failure', async (test) => {
    const at = place(test, '{}');
    const service = await beside(test, at);
    const driver = at.driver({ reload: bySignal(at), verify: asked(service, 300) });
    const back = await bring(driver, '{ "dies": true }');
    await service.ended;
    await assert.rejects(
      driver.verify(revision('{ "dies": true }'), SIGNAL),
      failsWith('verify-failed', /ECONNREFUSED/),
    );
    const again = await startTinyServiceAgain(test, at, service, driver, back);
    assert.equal(again, 'http');
  });

  it('one that hangs is a clear failure', async (test) => {
    const at = place(test, '{}');
    const service = await beside(test, at);
    const driver = at.driver({ reload: bySignal(at), verify: asked(service, 300) });
    await bring(driver, '{ "hangs": true }');
    await assert.rejects(
      driver.verify(revision('{ "hangs": true }'), SIGNAL),
      failsWith('verify-failed', /no answer within/),
    );
  });

  it('one that is not there is found before anything is changed', async (test) => {
    const at = place(test, '{}');
    const driver = at.driver({ reload: bySignal(at) });
    await assert.rejects(
      bring(driver, 'new'),
      failsWith('prepare-failed', /the pid file .* is not there; is the service running\?/, false),
    );
    const service = await beside(test, at);
    await service.kill();
    await assert.rejects(
      bring(driver, 'new'),
      failsWith('prepare-failed', new RegExp(`stale: there is no process ${service.pid}`), false),
    );
    for (const text of ['', 'shop', '0', '1', `${process.pid}`, '12 13', 'x'.repeat(100)]) {
      writeFileSync(at.pidFile, text);
      await assert.rejects(
        bring(driver, 'new'),
        failsWith('prepare-failed', /does not hold the id of a service's process/, false),
      );
    }
    assert.equal(readFileSync(at.file, 'utf8'), '{}');
  });

  // biome-ignore format: a table
  const COMMANDS: readonly (readonly [why: string, command: readonly string[], says: RegExp])[] = [
    ['that fails', ['sh', '-c', 'echo out; echo err >&2; exit 7'], /sh -c .* ended with code 7; it said: out\nerr$/],
    ['that is not there', ['/no/such/program'], /cannot be started: .*ENOENT/],
    ['that takes too long', ['sleep', '600'], /took longer than 300ms and was killed/],
    ['whose children take too long', ['sh', '-c', 'sleep 600 & wait'], /took longer than 300ms and was killed/],
    ['that floods', ['sh', '-c', 'yes | head -c 1000000; echo the end; exit 1'], /ended with code 1; it said: [\s\S]{8000,8200}the end$/],
  ];
  for (const [why, command, says] of COMMANDS) {
    it(`a reload command ${why} is a clear failure`, async (test) => {
      const at = place(test);
      const driver = at.driver({ reload: { kind: 'command', command, timeoutMs: 300 } });
      await assert.rejects(bring(driver, 'new'), failsWith('apply-failed', says, true));
      assert.equal(readFileSync(at.file, 'utf8'), 'new', 'the file was replaced: it has to be undone');
    });
  }
});

describe('kinds of change', () => {
  it('an unknown kind is refused by name, with those there are', () => {
    const found = driverFor('firmware/nginx', PLAIN, TOOLS);
    assert.ok(!found.ok);
    assert.match(
      found.error,
      /firmware\/nginx: this agent cannot change things of kind "firmware"; it knows: package, config, template/,
    );
  });

  it('law 6: a kind that cannot be undone does not type-check', () => {
    const whole: Driver = DRIVERS.config(PLAIN, TOOLS);
    const { undo: _, ...withoutUndo } = whole;
    // @ts-expect-error: `undo` is missing.
    const maker: DriverMaker<'config'> = () => withoutUndo;
    assert.equal(typeof maker, 'function');
  });
});

async function startTinyServiceAgain(
  test: TestContext,
  at: Place,
  before: TinyService,
  driver: Driver,
  back: Revision,
): Promise<string> {
  await assert.rejects(driver.undo(back, null, SIGNAL, 'reload'), failsWith('revert-failed', /as it was, but/));
  const again = await startTinyService(at.file, at.pidFile, before.port);
  test.after(() => again.kill());
  assert.equal(dirname(at.file), at.folder);
  return driver.undo(back, null, SIGNAL, 'reload');
}

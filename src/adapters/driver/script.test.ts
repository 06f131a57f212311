import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { driverTools } from '../../../test/support/driverTools.ts';
import { DriverError } from '../../engine/ports/driver.ts';
import type { ScriptSlot } from '../../wire/manifest/slot/scriptSlot.ts';
import { forward, revisionOf } from './contract/driverProofs.ts';
import { scriptDriver } from './script.ts';

const TOOLS = driverTools();
const SIGNAL = new AbortController().signal;
const NEXT = revisionOf(Buffer.from('next'));
const FURTHER = revisionOf(Buffer.from('further'));

interface Scripts {
  readonly apply?: string;
  readonly verify?: string;
  readonly undo?: string;
  readonly timeoutMs?: number;
  readonly environment?: readonly string[];
}

function place(test: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-script-'));
  test.after(() => rmSync(folder, { recursive: true }));
  const shell = (script: string, timeoutMs = 10_000) => ({
    command: ['sh', '-c', script, folder, '{file}', '{previous}'],
    timeoutMs,
  });
  const driver = ({ apply = 'true', verify = 'true', undo = 'true', timeoutMs, environment = ['PATH'] }: Scripts) => {
    const spec: ScriptSlot = {
      kind: 'script',
      file: join(folder, 'held'),
      apply: shell(apply, timeoutMs),
      verify: shell(verify),
      undo: shell(undo),
      environment,
      watchForMs: 0,
    };
    return scriptDriver(spec, TOOLS);
  };
  const written = (name: string) => readFileSync(join(folder, name), 'utf8').trim();
  return { folder, driver, written };
}

const failsWith = (code: string, touched: boolean, says: RegExp) => (error: unknown) => {
  assert.ok(error instanceof DriverError, String(error));
  assert.deepEqual([error.code, error.touched], [code, touched], error.message);
  assert.match(error.message, says);
  return true;
};

describe('script', () => {
  it('gives each command what is to be held and what is left, by path; nothing is /dev/null', async (test) => {
    const at = place(test);
    const note = (what: string) => `echo "${what} $(cat "$1")<$(cat "$2")" >> "$0/notes"`;
    const driver = at.driver({ apply: note('apply'), undo: note('undo') });
    const baseline = await driver.read(SIGNAL);
    await forward(driver, NEXT, baseline);
    await forward(driver, FURTHER, await driver.read(SIGNAL));
    await driver.undo(NEXT, FURTHER.content, SIGNAL, 'reload');
    await driver.undo(baseline, NEXT.content, SIGNAL, 'reload');
    assert.deepEqual(at.written('notes').split('\n'), [
      'apply next<',
      'apply further<next',
      'undo next<further',
      'undo <next',
    ]);
    assert.ok(!existsSync(join(at.folder, 'held')));
  });

  it('says how a command ended, in what it reports too', async (test) => {
    const at = place(test);
    const driver = at.driver({});
    await driver.prepare(NEXT, await driver.read(SIGNAL), SIGNAL);
    await driver.apply(NEXT, 'absent', SIGNAL);
    assert.equal(await driver.verify(NEXT, SIGNAL), 'script (verify ended with code 0)');
    await assert.rejects(
      at.driver({ verify: 'echo no such table; exit 3' }).verify(NEXT, SIGNAL),
      failsWith('verify-failed', true, /the verify command sh -c .* ended with code 3; it said: no such table$/),
    );
  });

  it('an apply that fails has touched something, and keeps the revision before', async (test) => {
    const at = place(test);
    const driver = at.driver({ apply: 'echo half-way >&2; exit 7' });
    await driver.prepare(NEXT, await driver.read(SIGNAL), SIGNAL);
    await assert.rejects(
      driver.apply(NEXT, 'absent', SIGNAL),
      failsWith('apply-failed', true, /ended with code 7; it said: half-way$/),
    );
    assert.equal((await driver.read(SIGNAL)).content, 'absent');
  });

  it('one that takes too long is killed with all it started', async (test) => {
    const at = place(test);
    const driver = at.driver({ apply: 'sleep 600 & sleep 600', timeoutMs: 200 });
    await driver.prepare(NEXT, await driver.read(SIGNAL), SIGNAL);
    await assert.rejects(
      driver.apply(NEXT, 'absent', SIGNAL),
      failsWith('apply-failed', true, /took longer than 200ms and was killed/),
    );
  });

  it('keeps the end of what it says', async (test) => {
    const at = place(test);
    const driver = at.driver({ apply: 'yes | head -c 1000000; echo the end; exit 1' });
    await driver.prepare(NEXT, await driver.read(SIGNAL), SIGNAL);
    await assert.rejects(
      driver.apply(NEXT, 'absent', SIGNAL),
      failsWith('apply-failed', true, /it said: [\s\S]{8000,8300}the end$/),
    );
  });

  it('finds in its environment what is allowed, and nothing else of the agent', async (test) => {
    const at = place(test);
    process.env.SHOP_REGION = 'eu';
    process.env.SHOP_SECRET = 'hush';
    test.after(() => {
      delete process.env.SHOP_REGION;
      delete process.env.SHOP_SECRET;
    });
    const driver = at.driver({ apply: 'env > "$0/environment"', environment: ['PATH', 'SHOP_REGION', 'NOT_SET'] });
    await forward(driver, NEXT, await driver.read(SIGNAL));
    const names = at
      .written('environment')
      .split('\n')
      .map((line) => line.split('=')[0]);
    // What sh sets for itself comes on top.
    const own = names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name ?? '')).sort();
    assert.deepEqual(own, ['PATH', 'RINGFENCE_SLOT_FILE', 'SHOP_REGION']);
  });

  it('what a killed agent has left running is ended before anything else runs', async (test) => {
    const at = place(test);
    const driver = at.driver({ apply: 'echo applied >> "$0/notes"', undo: 'echo undone >> "$0/notes"' });
    const back = await driver.read(SIGNAL);
    await driver.prepare(NEXT, back, SIGNAL);
    const environment = { PATH: process.env.PATH ?? '', RINGFENCE_SLOT_FILE: join(at.folder, 'held') };
    // As the apply of an agent that is gone: nobody waits for it, and it would write once more.
    const left = TOOLS.host.run(['sh', '-c', 'sleep 600; echo late >> "$0/notes"', at.folder], {
      timeoutMs: 60_000,
      signal: SIGNAL,
      environment,
    });
    await driver.undo(back, NEXT.content, SIGNAL, 'reload');
    assert.equal((await left).says, 'was killed by SIGKILL');
    assert.equal(at.written('notes'), 'undone');
  });
});

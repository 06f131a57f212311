import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Digest } from '../../core/kernel/digest.ts';
import { AgentDiskError } from '../../engine/ports/agentDisk.ts';
import { systemClock } from '../clock/systemClock.ts';
import { systemEntropy } from '../entropy/systemEntropy.ts';
import { openAgentDisk } from './openAgentDisk.ts';

const open = (directory: string, boot: string | null = 'one') =>
  openAgentDisk(directory, systemClock, systemEntropy, boot);

/** Another process that has the directory open, until it is killed. */
async function openElsewhere(test: TestContext, directory: string): Promise<ChildProcess> {
  const program = `
      const { openAgentDisk } = await import('${import.meta.resolve('./openAgentDisk.ts')}');
      const { systemClock } = await import('${import.meta.resolve('../clock/systemClock.ts')}');
      const { systemEntropy } = await import('${import.meta.resolve('../entropy/systemEntropy.ts')}');
      await openAgentDisk(${JSON.stringify(directory)}, systemClock, systemEntropy, 'one');
      process.stdout.write('open');
      setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  test.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

function folder(test: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'ringfence-disk-'));
  test.after(() => rmSync(made, { recursive: true, force: true }));
  return join(made, 'state');
}

function fault(expected: string, says: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof AgentDiskError, String(error));
    assert.equal(error.fault, expected, error.message);
    assert.match(error.message, says);
    return true;
  };
}

describe("an agent's directory", () => {
  it('keeps the identity, and counts the starts', async (test) => {
    const directory = folder(test);
    const first = await open(directory);
    assert.match(first.uid, /^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    assert.deepEqual([first.starts, first.role], [1, null]);
    await first.rememberRole('web');
    await first.close();
    const second = await open(directory);
    assert.deepEqual([second.uid, second.starts, second.role], [first.uid, 2, 'web']);
    await second.close();
  });

  it('law 9: tells a start that was ordered from a crash, and either from a boot of the machine', async (test) => {
    const directory = folder(test);
    const first = await open(directory);
    assert.equal(first.startedAfter, 'stop', 'there was nothing before');
    await first.close();
    const second = await open(directory);
    assert.equal(second.startedAfter, 'stop');
    await second.close();
    const child = await openElsewhere(test, directory);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const third = await open(directory);
    assert.equal(third.startedAfter, 'crash');
    await third.close();
    const fourth = await open(directory, 'two');
    assert.equal(fourth.startedAfter, 'boot', 'a machine ends its agents in order before it reboots');
    await fourth.close();
    const fifth = await open(directory, null);
    assert.equal(fifth.startedAfter, 'stop', 'where boots cannot be told apart');
    await fifth.close();
  });

  it('is for its user alone', async (test) => {
    const directory = folder(test);
    const disk = await open(directory);
    const digest = await disk.keep(Buffer.from('secret'));
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    assert.equal(statSync(join(directory, 'kept', digest.slice(7))).mode & 0o777, 0o600);
    await disk.close();
  });

  it('keeps records and bytes, and throws away what is not needed', async (test) => {
    const directory = folder(test);
    const disk = await open(directory);
    assert.equal(await disk.readRecord('config/shop'), null);
    await disk.writeRecord('config/shop', 'one');
    await disk.writeRecord('config/shop', 'two é\n');
    await disk.writeRecord('config/till', 'three');
    const [a, b] = [await disk.keep(Buffer.from('a')), await disk.keep(Buffer.from('b'))];
    assert.equal(await disk.keep(Buffer.from('a')), a, 'the same twice is fine');
    await disk.prune(() => new Set([b]));
    await disk.close();
    const again = await open(directory);
    assert.deepEqual(
      [await again.readRecord('config/shop'), await again.readRecord('config/till')],
      ['two é\n', 'three'],
    );
    assert.equal(await again.kept(a), null);
    assert.equal((await again.kept(b))?.toString(), 'b');
    await again.close();
  });

  it('law 5: bytes that are not what their name says are not there, and can be kept anew', async (test) => {
    const directory = folder(test);
    const disk = await open(directory);
    const digest: Digest = await disk.keep(Buffer.from('good'));
    writeFileSync(join(directory, 'kept', digest.slice(7)), 'goof');
    assert.equal(await disk.kept(digest), null);
    await disk.keep(Buffer.from('good'));
    assert.equal((await disk.kept(digest))?.toString(), 'good');
    await disk.close();
  });

  it('a record or an identity that is not as it was written is said, and what to do', async (test) => {
    const directory = folder(test);
    const disk = await open(directory);
    await disk.writeRecord('config/shop', 'as it was');
    const record = join(directory, 'slots', 'config%2Fshop.json');
    const whole = readFileSync(record);
    for (const damaged of [
      Buffer.from(''),
      whole.subarray(0, -1),
      Buffer.concat([whole, Buffer.from('x')]),
      Buffer.alloc(200),
    ]) {
      writeFileSync(record, damaged);
      await assert.rejects(
        disk.readRecord('config/shop'),
        fault('corrupt', /config%2Fshop\.json is not as it was written\. .*remove/),
      );
    }
    await disk.close();
    writeFileSync(join(directory, 'identity'), 'nonsense');
    await assert.rejects(open(directory), fault('corrupt', /identity is not as it was written/));
  });

  it('the same bytes kept by several slots at the same time are kept', async (test) => {
    const disk = await open(folder(test));
    const bytes = Buffer.alloc(100_000, 'x');
    const digests = await Promise.all(Array.from({ length: 8 }, () => disk.keep(bytes)));
    assert.equal(new Set(digests).size, 1);
    assert.deepEqual(await disk.kept(digests[0] ?? assert.fail()), bytes);
    await disk.close();
  });

  it('removes what was never finished', async (test) => {
    const directory = folder(test);
    await (await open(directory)).close();
    writeFileSync(join(directory, 'kept', '.unfinished-abc'), 'half');
    await (await open(directory)).close();
    assert.deepEqual(readdirSync(join(directory, 'kept')), []);
  });

  it('one agent at a time, in this process and in another; a killed one frees it at once', async (test) => {
    const directory = folder(test);
    const disk = await open(directory);
    await assert.rejects(open(directory), fault('locked', /another agent is running with .*state; stop it/));
    await disk.close();
    const child = await openElsewhere(test, directory);
    await assert.rejects(open(directory), fault('locked', /another agent is running/));
    child.kill('SIGKILL');
    await once(child, 'exit');
    await (await open(directory)).close();
  });

  it('a full disk is said, what was there stays, and it opens all the same', async (test) => {
    if (process.getuid?.() !== 0) return test.skip('mounting a tiny file system takes root');
    const directory = mkdtempSync(join(tmpdir(), 'ringfence-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory]);
    test.after(() => {
      execFileSync('umount', ['-l', directory]);
      rmSync(directory, { recursive: true });
    });
    const disk = await open(directory);
    await disk.writeRecord('config/shop', 'before');
    assert.throws(() => writeFileSync(join(directory, 'filler'), Buffer.alloc(100_000)), /ENOSPC/);
    await assert.rejects(
      disk.keep(Buffer.alloc(10_000)),
      fault('disk-full', /cannot write .*: there is no room left on the disk/),
    );
    await assert.rejects(disk.writeRecord('config/shop', 'x'.repeat(5_000)), fault('disk-full', /no room/));
    await disk.close();
    const again = await open(directory);
    assert.deepEqual([again.uid, await again.readRecord('config/shop')], [disk.uid, 'before']);
    assert.deepEqual(readdirSync(join(directory, 'kept')), []);
    await again.close();
  });

  it('a folder that cannot be made is said', async (test) => {
    const directory = folder(test);
    writeFileSync(directory, 'a file');
    await assert.rejects(open(directory), fault('unavailable', /cannot make the agent's directory/));
  });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { systemClock } from '../clock/systemClock.ts';
import { systemHost } from '../host/systemHost.ts';
import { signalReload } from './signalReload.ts';

/** Where Linux lets root say which process id comes next. */
const LAST_PID = '/proc/sys/kernel/ns_last_pid';

async function sleeper() {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const ended = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Linux tells processes apart by when they began, in hundredths of a second: waits until that is another one. */
async function nextTicks(): Promise<void> {
  const uptime = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  for (const before = uptime(); uptime() < before + 0.02; ) await new Promise((resolve) => setTimeout(resolve, 5));
}

function canChoosePids(): boolean {
  try {
    accessSync(LAST_PID, constants.W_OK);
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

describe('reload by signal', () => {
  it('does not signal a stranger who was given the process id of a service that ended', async (test) => {
    if (!canChoosePids()) return test.skip('choosing process ids takes root on Linux');
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-pid-'));
    test.after(() => rmSync(folder, { recursive: true }));
    const pidFile = join(folder, 'pid');
    const reload = signalReload(
      { kind: 'signal', signal: 'SIGTERM', pidFile },
      { host: systemHost(systemClock), clock: systemClock },
      'reload',
    );
    const service = await sleeper();
    writeFileSync(pidFile, `${service.pid}\n`);
    assert.ok((await reload.ready()).ok);
    await service.kill();
    await nextTicks();

    let stranger = await sleeper();
    for (let tries = 0; stranger.pid !== service.pid && tries < 200; tries++) {
      await stranger.kill();
      writeFileSync(LAST_PID, String(service.pid - 1));
      stranger = await sleeper();
    }
    test.after(() => stranger.kill());
    if (stranger.pid !== service.pid) return test.skip('other programs of this machine took the process id each time');
    const told = await reload.tell(new AbortController().signal);
    assert.match(told.ok ? 'told' : told.error, new RegExp(`stale: process ${service.pid} is another one now`));

    writeFileSync(pidFile, `${stranger.pid}\n\n`);
    assert.ok((await reload.ready()).ok, 'a pid file that was written anew is believed');
  });
});

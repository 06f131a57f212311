import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../clock/systemClock.ts';
import { systemHost } from './systemHost.ts';

const host = systemHost(systemClock);
const never = () => new AbortController().signal;
const run = (command: readonly string[], timeoutMs = 10_000, signal = never()) =>
  host.run(command, { timeoutMs, signal });

function isGone(pid: number): boolean {
  try {
    // A zombie is gone as well: nobody has asked for it yet.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('Z') ?? true;
  } catch {
    return true;
  }
}

async function untilGone(pid: number): Promise<void> {
  for (let tries = 0; !isGone(pid); tries++) {
    assert.ok(tries < 1000, `process ${pid} is still there`);
    await wait(10);
  }
}

describe('a command', () => {
  it('ends well', async () => {
    assert.deepEqual(await run(['sh', '-c', 'echo out; echo err >&2']), {
      ok: true,
      says: 'ended with code 0',
      output: 'out\nerr',
    });
  });

  it('is not read by a shell', async () => {
    assert.equal((await run(['echo', '$HOME; echo `id`'])).output, '$HOME; echo `id`');
  });

  it('is not given what is ours in the environment', async () => {
    process.env.RINGFENCE_TOKEN = 'secret';
    assert.doesNotMatch((await run(['env'])).output, /RINGFENCE|secret/);
    delete process.env.RINGFENCE_TOKEN;
  });

  it('reads nothing', async () => {
    assert.equal((await run(['cat'])).ok, true);
  });

  it('keeps the last 8 KiB of what it says', async () => {
    const { output } = await run(['sh', '-c', 'yes | tr -d "\\n" | head -c 1000000; printf "the end"']);
    assert.equal(output.length, 8 * 1024);
    assert.match(output, /ythe end$/);
  });

  it('that ends by a signal says so', async () => {
    const { ok, says } = await run(['sh', '-c', 'kill -SEGV $$']);
    assert.deepEqual([ok, says], [false, 'was killed by SIGSEGV']);
  });

  it('that takes too long is killed with all it started', async () => {
    const { ok, says, output } = await run(['sh', '-c', 'sleep 600 & echo $!; sleep 600'], 300);
    assert.deepEqual([ok, says], [false, 'took longer than 300ms and was killed']);
    await untilGone(Number(output));
  });

  it('is killed with all it started when it is not wanted any more', async () => {
    const abort = new AbortController();
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-host-'));
    const ended = run(['sh', '-c', `sleep 600 & echo $! > ${folder}/pid; wait`], 60_000, abort.signal);
    let pid = 0;
    while (pid === 0) {
      await wait(10);
      try {
        pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
      } catch {
        // Not yet.
      }
    }
    abort.abort();
    assert.equal((await ended).ok, false);
    await untilGone(pid);
    rmSync(folder, { recursive: true });
  });

  it('leaves running what it started to stay', async (test) => {
    const { ok, output } = await run(['sh', '-c', 'sleep 600 & echo $!']);
    test.after(() => process.kill(Number(output)));
    assert.ok(ok);
    assert.ok(!isGone(Number(output)));
  });
});

async function serving(test: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  test.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/it`;
}

const ask = (
  url: string,
  rest: { timeoutMs?: number; maxBytes?: number; signal?: AbortSignal; method?: 'GET' | 'POST' } = {},
) => host.request({ url, method: 'GET', timeoutMs: 10_000, maxBytes: 1_000, signal: never(), ...rest });

describe('a request', () => {
  it('gives status and body', async (test) => {
    const url = await serving(test, (request, response) =>
      response.writeHead(201).end(`${request.method} ${request.headers.connection}`),
    );
    const answer = await ask(url, { method: 'POST' });
    assert.ok(answer.ok);
    assert.deepEqual([answer.value.status, Buffer.from(answer.value.body).toString()], [201, 'POST close']);
  });

  it('follows no redirect', async (test) => {
    const url = await serving(test, (_, response) =>
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    );
    const answer = await ask(url);
    assert.equal(answer.ok && answer.value.status, 302);
  });

  // biome-ignore format: a table
  const FAILS: readonly (readonly [why: string, listener: RequestListener, says: RegExp])[] = [
    ['that is never answered', () => {}, /^GET http.*\/it: no answer within 200ms$/],
    ['whose answer never ends', (_, response) => response.write('x'), /no answer within 200ms/],
    ['whose answer trickles', (_, response) => { setInterval(() => response.write('x'), 20).unref(); }, /no answer within 200ms/],
    ['whose answer is too long', (_, response) => { response.end('x'.repeat(2_000)); }, /longer than 1000 bytes/],
    ['whose connection breaks', (request) => { request.socket.destroy(); }, /socket hang up|ECONNRESET/],
    ['whose answer breaks off', (request, response) => { response.writeHead(200, { 'content-length': 500 }).write('x', () => request.socket.destroy()); }, /aborted|ECONNRESET/],
  ];
  for (const [why, listener, says] of FAILS) {
    it(`${why} is an error in a sentence`, async (test) => {
      const answer = await ask(await serving(test, listener), { timeoutMs: 200 });
      assert.ok(!answer.ok);
      assert.match(answer.error, says);
    });
  }

  it('to nobody is an error in a sentence', async () => {
    const answer = await ask('http://127.0.0.1:1/');
    assert.equal(!answer.ok && answer.error, 'GET http://127.0.0.1:1/: connect ECONNREFUSED 127.0.0.1:1');
  });

  it('can be called off', async (test) => {
    const url = await serving(test, () => {});
    assert.match(
      (await ask(url, { signal: AbortSignal.abort() }).then((each) => !each.ok && each.error)) || '',
      /not wanted any more/,
    );
  });
});

describe('a connection', () => {
  const connect = (port: number) => host.connect({ host: '127.0.0.1', port }, { timeoutMs: 5_000, signal: never() });

  it('is accepted, or not', async (test) => {
    const server = createTcpServer((socket) => socket.end());
    test.after(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    assert.ok((await connect((server.address() as AddressInfo).port)).ok);
    const refused = await connect(1);
    assert.equal(!refused.ok && refused.error, '127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1');
  });
});

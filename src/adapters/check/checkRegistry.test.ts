import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { AgentProbe } from '../../wire/manifest/agent.ts';
import { systemClock } from '../clock/systemClock.ts';
import { systemHost } from '../host/systemHost.ts';
import { localCheck } from './checkRegistry.ts';

const server = createServer((request, response) => {
  if (request.url === '/hangs') return;
  response.writeHead(Number(request.url?.slice(1))).end();
});
let port = 0;

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
after(() => {
  server.close();
  server.closeAllConnections();
});

describe('local checks', () => {
  // biome-ignore format: a table
  const CASES: readonly (readonly [probe: () => AgentProbe, healthy: boolean, says: RegExp])[] = [
    [() => ({ kind: 'http', url: `http://127.0.0.1:${port}/200`, status: 200 }), true, /^GET .*\/200: 200$/],
    [() => ({ kind: 'http', url: `http://127.0.0.1:${port}/204`, status: 204 }), true, /: 204$/],
    [() => ({ kind: 'http', url: `http://127.0.0.1:${port}/503`, status: 200 }), false, /^GET .*\/503: 503, expected 200$/],
    [() => ({ kind: 'http', url: `http://127.0.0.1:${port}/hangs`, status: 200 }), false, /no answer within 300ms/],
    [() => ({ kind: 'tcp', host: '127.0.0.1', port }), true, /accepts connections$/],
    [() => ({ kind: 'tcp', host: '127.0.0.1', port: 1 }), false, /ECONNREFUSED/],
    [() => ({ kind: 'exec', command: ['true'] }), true, /^true ended with code 0$/],
    [() => ({ kind: 'exec', command: ['sh', '-c', 'echo no disk; exit 4'] }), false, /^sh ended with code 4: no disk$/],
    [() => ({ kind: 'exec', command: ['sleep', '600'] }), false, /^sleep took longer than 300ms and was killed$/],
    [() => ({ kind: 'exec', command: ['/no/such/program'] }), false, /cannot be started/],
  ];
  for (const [index, [probe, healthy, says]] of CASES.entries()) {
    it(`${index + 1}: ${healthy ? 'well' : 'unwell'}, ${says.source}`, async () => {
      const check = localCheck(
        { name: 'it', probe: probe(), everyMs: 1_000, timeoutMs: 300, failures: 3 },
        systemHost(systemClock),
      );
      const outcome = await check.run(new AbortController().signal);
      assert.equal(outcome.healthy, healthy, outcome.says);
      assert.match(outcome.says, says);
      assert.deepEqual([check.name, check.everyMs, check.failures], ['it', 1_000, 3]);
    });
  }
});

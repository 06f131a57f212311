import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { listRollouts } from '../../wire/http/rollout.ts';
import { getService, listServices } from '../../wire/http/service.ts';
import { ApiClient } from './apiClient.ts';
import type { CliError } from './cliError.ts';

/** Somebody on a port who is not a Ringfence server, or speaks for one in trouble. */
async function stranger(answer: RequestListener, act: (url: string, server: Server) => Promise<void>): Promise<void> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function client(server: string, token: string | null = null, timeoutMs = 5000): ApiClient {
  return new ApiClient({ server, serverFrom: 'a test', token, timeoutMs });
}

const problem = (status: number, code: string, more: object = {}): RequestListener => {
  return (_request, response) => {
    const body = { type: `urn:ringfence:problem:${code}`, title: 'x', status, detail: 'what was wrong', code, ...more };
    response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body));
  };
};

const json = (status: number, body: unknown): RequestListener => {
  return (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const ANSWERS: readonly (readonly [
  answer: RequestListener,
  exit: CliError['exit'],
  says: RegExp,
  remedy: RegExp,
  why: string,
])[] = [
  [
    problem(401, 'unauthenticated'),
    'unreachable',
    /what was wrong/,
    /ringfence login http:\/\/127.*RINGFENCE_TOKEN/,
    'no token',
  ],
  [
    problem(403, 'forbidden', { remedy: 'ask an admin' }),
    'unreachable',
    /what was wrong/,
    /ask an admin/,
    'a token that may not',
  ],
  [problem(404, 'unknown-service'), 'refused', /what was wrong/, /^$/, 'a refusal'],
  [problem(400, 'malformed'), 'usage', /what was wrong/, /^$/, 'a request that cannot be read'],
  [problem(400, 'invalid-request'), 'usage', /what was wrong/, /^$/, 'a request of another shape'],
  [
    problem(507, 'store-disk-full', { remedy: 'make room' }),
    'unreachable',
    /what was wrong/,
    /make room/,
    'a full disk',
  ],
  [problem(500, 'internal'), 'unexpected', /what was wrong/, /^$/, 'a fault of the server'],
  [problem(418, 'invented-later'), 'unreachable', /answered 418/, /ringfence version/, 'a code of another version'],
  [
    (_, response) => response.writeHead(404).end('<html>nginx</html>'),
    'unreachable',
    /answered 404 with something that is not JSON/,
    /ringfence version/,
    'a web server',
  ],
  [
    json(200, { items: 'none' }),
    'unreachable',
    /listServices answered something this version does not understand \(items:/,
    /ringfence version/,
    'another shape',
  ],
  [
    (_, response) => response.writeHead(302, { location: 'http://192.0.2.1/' }).end(),
    'unreachable',
    /it answered 302/,
    /ringfence version/,
    'a redirection',
  ],
  [
    (_, response) => response.socket?.destroy(),
    'unreachable',
    /cannot reach.*the connection was cut/,
    /--server URL/,
    'a cut connection',
  ],
  [
    (_, response) => response.writeHead(200, { 'content-length': 100 }).write('{', () => response.destroy()),
    'unreachable',
    /cannot reach.*the connection was cut/,
    /--server URL/,
    'half an answer',
  ],
];

for (const [answer, exit, says, remedy, why] of ANSWERS) {
  test(`an answer that is no good: ${why}`, async () => {
    await stranger(answer, async (url) => {
      await assert.rejects(client(url).call(listServices, {}), (error: CliError) => {
        assert.equal(error.exit, exit);
        assert.match(error.message, says);
        assert.match(error.details.remedy ?? '', remedy);
        return true;
      });
    });
  });
}

test('a server that never answers is given up', async () => {
  await stranger(
    () => {},
    async (url) => {
      await assert.rejects(
        client(url, null, 100).call(listServices, {}),
        /cannot reach the server at .*: no answer in time/,
      );
    },
  );
});

test('an answer without an end is given up', async () => {
  const endless: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const piece = Buffer.alloc(1024 * 1024, 0x20);
    const more = () => {
      while (!response.destroyed && response.write(piece)) {}
    };
    response.on('drain', more);
    more();
  };
  await stranger(endless, async (url) => {
    await assert.rejects(client(url, null, 30_000).call(listServices, {}), /answered more than 64 MiB/);
  });
});

test('names from people stay one part of the path, filters one part of the query, and the token in its header', async () => {
  const asked: string[] = [];
  const answer: RequestListener = (request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    problem(404, 'unknown-service')(request, response);
  };
  await stranger(answer, async (url) => {
    await assert.rejects(client(url, 'rfa_x').call(getService, { params: { name: '../tokens?x=1#y/%2e' } }));
    await assert.rejects(client(url, 'rfa_x').call(listRollouts, { query: { service: 'a&phase=b', limit: 5 } }));
  });
  assert.deepEqual(asked, [
    '/v1/services/..%2Ftokens%3Fx%3D1%23y%2F%252e Bearer rfa_x',
    '/v1/rollouts?service=a%26phase%3Db&limit=5 Bearer rfa_x',
  ]);
});

test('a name that would lead elsewhere is not asked for', async () => {
  for (const name of ['', '.', '..']) {
    await assert.rejects(
      client('http://127.0.0.1:1').call(getService, { params: { name } }),
      (error: CliError) => error.exit === 'usage',
    );
  }
});

test('a list is read page by page until there is enough', async () => {
  const service = (name: string) => ({
    name,
    roles: [],
    slots: {},
    metrics: {},
    dependsOn: [],
    neededBy: [],
    assignments: [],
  });
  const answer: RequestListener = (request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://x');
    const from = Number(searchParams.get('cursor') ?? 0);
    const until = Math.min(10, from + 3, from + Number(searchParams.get('limit')));
    const items = Array.from({ length: until - from }, (_, index) => service(`s${from + index}`));
    json(200, { items, next: until < 10 ? String(until) : null })(request, response);
  };
  await stranger(answer, async (url) => {
    const all = await client(url).list(listServices, {}, Number.POSITIVE_INFINITY);
    assert.deepEqual([all.items.length, all.more], [10, false]);
    const some = await client(url).list(listServices, {}, 4);
    assert.deepEqual([some.items.length, some.more], [4, true]);
  });
});

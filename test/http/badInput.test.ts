import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type ApiUnderTest, type Request, startApi, until } from './apiUnderTest.ts';
import { shopManifests } from './shopFleet.ts';

let api: ApiUnderTest;
before(async () => {
  api = await startApi();
});
after(() => api?.close());

/** The server is as good as before: it answers, takes commands, and the log is whole. */
async function stillServes(): Promise<void> {
  assert.equal((await api.call({ path: '/healthz', as: 'nobody' })).status, 200);
  assert.equal((await api.call({ method: 'PUT', path: '/v1/halt', body: { reason: 'still there?' } })).status, 200);
  assert.equal((await api.call({ method: 'DELETE', path: '/v1/halt' })).status, 200);
  assert.equal(((await api.call({ path: '/v1/log/verification' })).body as { outcome: string }).outcome, 'intact');
}

interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly remedy?: string;
}

function assertProblem(text: string, status: number, code: string, says: RegExp): void {
  const problem = JSON.parse(text) as Problem;
  assert.deepEqual(
    { status: problem.status, code: problem.code, type: problem.type },
    { status, code, type: `urn:ringfence:problem:${code}` },
  );
  assert.match(`${problem.detail} ${problem.remedy ?? ''}`, says);
  assert.doesNotMatch(text, /node_modules|\.ts:\d|at \w+ \(/, 'no stack trace');
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}): Request => ({
  method: 'POST',
  path,
  body,
  headers,
});
const yaml = { 'content-type': 'application/yaml' };
const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
const [service, , change] = shopManifests() as [object, object, { spec: object }];

const REFUSED: readonly (readonly [what: string, request: Request, status: number, code: string, says: RegExp])[] = [
  ['JSON that is cut off', post('/v1/plans', '{"change": "bl'), 400, 'invalid-request', /not JSON.*position/],
  ['an empty body', post('/v1/plans', ''), 400, 'invalid-request', /body is empty/],
  ['no body at all', { method: 'POST', path: '/v1/plans' }, 400, 'invalid-request', /body/],
  [
    'JSON that reaches for the prototype',
    post('/v1/plans', '{"__proto__": {"change": "blue"}}'),
    400,
    'invalid-request',
    /not taken/,
  ],
  ['JSON of another shape', post('/v1/plans', []), 400, 'invalid-request', /body: .*object/],
  ['an unknown field', post('/v1/plans', { change: 'blue', force: true }), 400, 'invalid-request', /"force"/],
  [
    'JSON nested without end',
    post('/v1/manifests', `{"documents":[{"spec":${deep}}]}`),
    422,
    'manifest-invalid',
    /levels of nesting/,
  ],
  ['a body where none is taken', post('/v1/rollouts/shop-1/resume', deep), 400, 'invalid-request', /takes no body/],
  [
    'text',
    post('/v1/plans', 'blue', { 'content-type': 'text/plain' }),
    415,
    'unsupported-media-type',
    /"text\/plain".*application\/json/,
  ],
  [
    'a form',
    post('/v1/plans', 'change=blue', { 'content-type': 'application/x-www-form-urlencoded' }),
    415,
    'unsupported-media-type',
    /form/,
  ],
  ['YAML where JSON is read', post('/v1/plans', 'change: blue', yaml), 415, 'unsupported-media-type', /yaml/],
  [
    'a body in another encoding',
    post('/v1/plans', '{}', { 'content-encoding': 'gzip' }),
    415,
    'unsupported-media-type',
    /gzip/,
  ],

  ['YAML that is none', post('/v1/manifests', 'kind: [', yaml), 422, 'manifest-invalid', /YAML/],
  [
    'an unknown kind',
    post('/v1/manifests', { documents: [{ ...service, kind: 'Servise' }] }),
    422,
    'manifest-invalid',
    /did you mean "Service"/,
  ],
  [
    'an unknown field of a manifest',
    post('/v1/manifests', { documents: [{ ...service, specs: {} }] }),
    422,
    'manifest-invalid',
    /specs/,
  ],
  [
    "an agent's own manifest",
    post('/v1/manifests', { documents: [agentManifest()] }),
    422,
    'manifest-invalid',
    /never sent/,
  ],
  [
    'a file of the sender',
    post('/v1/manifests', { documents: [service, inSlot({ file: '/etc/passwd' })] }),
    422,
    'manifest-invalid',
    /config\/shop/,
  ],
  [
    'a revision that does not fit its schema',
    post('/v1/manifests', { documents: [service, inSlot({ content: '[]' })] }),
    422,
    'content-invalid',
    /object/,
  ],
  [
    'a change over the size limit',
    post('/v1/manifests', { documents: [service, inSlot({ content: `{"a":"${'x'.repeat(2 ** 20)}"}` })] }),
    413,
    'content-too-large',
    /1048576/,
  ],
  ['a service nobody registered', post('/v1/manifests', { documents: [change] }), 404, 'unknown-service', /"shop"/],
  ['a command larger than any', post('/v1/plans', { change: 'x'.repeat(70_000) }), 413, 'body-too-large', /large/],

  ['no token', { path: '/v1/services', as: 'nobody' }, 401, 'unauthenticated', /needs a token/],
  [
    'a wrong token',
    { path: '/v1/services', as: 'nobody', headers: { authorization: 'Bearer rfa_wrong' } },
    401,
    'unauthenticated',
    /not known/,
  ],
  [
    'a password',
    { path: '/v1/services', as: 'nobody', headers: { authorization: 'Basic YTpi' } },
    401,
    'unauthenticated',
    /Bearer TOKEN/,
  ],
  [
    'a viewer who commands',
    { ...post('/v1/rollouts', { change: 'blue' }), as: 'viewer' },
    403,
    'forbidden',
    /viewer.*needs the role author, operator or admin/,
  ],
  ['an agent who reads', { path: '/v1/services', as: 'agent' }, 403, 'forbidden', /agent/],

  ['an address with a slip', { path: '/v1/rollout/shop-1' }, 404, 'not-found', /did you mean GET \/v1\/rollouts\/:id/],
  ['an address of nothing', { path: '/wp-login.php' }, 404, 'not-found', /openapi/],
  ['an address that does not decode', { path: '/v1/services/%zz' }, 400, 'invalid-request', /%zz/],
  ['a name without end', { path: `/v1/rollouts/${'x'.repeat(5000)}` }, 400, 'invalid-request', /256/],
  ['another method', { method: 'PATCH', path: '/v1/halt' }, 405, 'method-not-allowed', /PUT/],
  [
    'a page of another origin that asks to come in',
    { method: 'OPTIONS', path: '/v1/halt', headers: { origin: 'http://evil.test' } },
    405,
    'method-not-allowed',
    /PUT/,
  ],
];

for (const [what, request, status, code, says] of REFUSED) {
  test(`refused: ${what}`, async () => {
    const answer = await api.call(request);
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.headers.get('content-type')?.split(';', 1)[0], 'application/problem+json');
    assertProblem(answer.text, status, code, says);
    assert.equal(answer.headers.get('access-control-allow-origin'), null);
    if (status === 405) assert.match(answer.headers.get('allow') ?? '', /GET, HEAD, PUT, DELETE/);
    await stillServes();
  });
}

/** What comes back for bytes that no HTTP library would send. */
async function raw(bytes: string | Buffer): Promise<string> {
  const socket = connect(api.port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (part) => {
    answer += part;
  });
  // The server hangs up on a body it does not take, while it is still being sent.
  socket.on('error', () => {});
  socket.write(bytes);
  await until('an answer', () => /^HTTP\/1.1 \d+[^\0]*\r\n\r\n[^\0]*\}$/.test(answer) || socket.closed);
  socket.destroy();
  return answer;
}

const request = (path: string, host = 'localhost', more = '') => `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n${more}\r\n`;
const TOO_LARGE = 65 * 1024 * 1024;

const RAW: readonly (readonly [
  what: string,
  bytes: () => string | Buffer,
  status: number,
  code: string,
  says: RegExp,
])[] = [
  ['a path out of the web page', () => request('/../../../etc/passwd'), 404, 'not-found', /passwd/],
  ['an encoded path out of it', () => request('/%2e%2e/%2e%2e/etc/passwd'), 404, 'not-found', /passwd/],
  ['an encoded slash out of it', () => request('/..%2f..%2fetc%2fpasswd'), 404, 'not-found', /passwd/],
  ['a zero byte in a path', () => request('/main.js%00.html'), 404, 'not-found', /main/],
  ['a query without end', () => request(`/v1/targets?label=${'x'.repeat(20_000)}`), 431, 'headers-too-large', /16 KiB/],
  [
    'a header without end',
    () => request('/healthz', 'localhost', `x: ${'x'.repeat(20_000)}\r\n`),
    431,
    'headers-too-large',
    /16 KiB/,
  ],
  ['what is not HTTP', () => '\x16\x03\x01\x02\x00\x01\x00', 400, 'invalid-request', /not an HTTP/],
  ['a strange method', () => request('/healthz').replace('GET', 'BREW'), 400, 'invalid-request', /not an HTTP/],
  [
    'another name for this server',
    () => request('/healthz', 'evil.test'),
    421,
    'host-not-allowed',
    /evil\.test.*--allow-host/,
  ],
  [
    'another name with a port',
    () => request('/v1/services', 'ringfence.evil.test:4600'),
    421,
    'host-not-allowed',
    /evil/,
  ],
  [
    'text that is not UTF-8',
    () => manifestBytes(Buffer.from('{"documents":["\xff"]}', 'latin1')),
    400,
    'invalid-request',
    /UTF-8/,
  ],
  [
    'a zip bomb',
    () => manifestBytes(gzipSync(Buffer.alloc(1_000_000)), 'content-encoding: gzip\r\n'),
    415,
    'unsupported-media-type',
    /gzip/,
  ],
  [
    'more than 64 MiB, announced',
    () => manifestHead(`content-length: ${TOO_LARGE}\r\n`),
    413,
    'body-too-large',
    /large/,
  ],
  [
    'more than 64 MiB, not announced',
    () => Buffer.concat([Buffer.from(manifestHead('transfer-encoding: chunked\r\n')), chunk(TOO_LARGE)]),
    413,
    'body-too-large',
    /large/,
  ],
];

for (const [what, bytes, status, code, says] of RAW) {
  test(`refused on the wire: ${what}`, async () => {
    const answer = await raw(bytes());
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), answer.slice(0, 500));
    assertProblem(answer.slice(answer.indexOf('\r\n\r\n') + 4), status, code, says);
    await stillServes();
  });
}

test('strangers are refused before their bodies are read', async () => {
  const answer = await raw(manifestHead(`content-length: ${TOO_LARGE}\r\n`).replace(/authorization.*\r\n/, ''));
  assert.match(answer, /^HTTP\/1.1 401 /);
});

test('anonymous viewers read what viewers read, and a wrong token is still wrong', async () => {
  const open = await startApi({ anonymousViewer: true });
  try {
    const status = async (path: string, headers = {}, method = 'GET') =>
      (await open.call({ path, method, headers, as: 'nobody' })).status;
    assert.equal(await status('/v1/services'), 200);
    assert.equal(await status('/v1/services', { authorization: 'Bearer rfa_wrong' }), 401);
    assert.equal(await status('/v1/tokens'), 401);
    assert.equal(await status('/v1/halt', {}, 'DELETE'), 401);
  } finally {
    await open.close();
  }
});

test('names that the server was told to answer to are answered', async () => {
  const named = await startApi({ allowedHosts: ['Deploy.example'] });
  const before = api;
  api = named;
  try {
    assert.match(await raw(request('/healthz', 'deploy.example:4600')), /^HTTP\/1.1 200 /);
    for (const host of ['127.0.0.1', '[::1]:4600', 'LOCALHOST.', '10.0.0.1'])
      assert.match(await raw(request('/healthz', host)), /^HTTP\/1.1 200 /);
  } finally {
    api = before;
    await named.close();
  }
});

test('a full disk: said, nothing lost, reading goes on', async () => {
  const full = await startApi({}, { maxBytes: 400_000 });
  try {
    let answer = await full.call({ path: '/healthz' });
    for (let index = 0; answer.status < 400 && index < 2000; index++) {
      const method = index % 2 === 0 ? 'PUT' : 'DELETE';
      answer = await full.call({
        method,
        path: '/v1/halt',
        ...(method === 'PUT' ? { body: { reason: 'x'.repeat(1000) } } : {}),
      });
    }
    assert.equal(answer.status, 507, answer.text);
    assertProblem(answer.text, 507, 'store-disk-full', /try again/);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    assert.equal((await full.call({ path: '/readyz' })).status, 503);
    assert.equal((await full.call({ path: '/v1/services' })).status, 200);
    const verified = (await full.call({ path: '/v1/log/verification' })).body as { outcome: string; head: number };
    assert.deepEqual(verified, { ...verified, outcome: 'intact', head: full.controlPlane.world().position });
  } finally {
    await full.close();
  }
});

function inSlot(content: object): unknown {
  return { ...change, spec: { ...change.spec, slots: { 'config/shop': content } } };
}

function agentManifest(): unknown {
  return {
    apiVersion: 'ringfence.dev/v1',
    kind: 'Agent',
    metadata: { name: 'shop-1' },
    spec: {
      server: 'ws://127.0.0.1:4320/v1/opamp',
      tokenFile: './token',
      directory: './state',
      service: 'shop',
      role: 'web',
      slots: { 'config/shop': { file: './shop.json' } },
    },
  };
}

function manifestHead(more: string): string {
  return `POST /v1/manifests HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${api.tokens.admin}\r\ncontent-type: application/json\r\n${more}\r\n`;
}

function manifestBytes(body: Buffer, more = ''): Buffer {
  return Buffer.concat([Buffer.from(manifestHead(`${more}content-length: ${body.length}\r\n`)), body]);
}

function chunk(size: number): Buffer {
  return Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), Buffer.alloc(size, ' ')]);
}

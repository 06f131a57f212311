import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  AgentToServerSchema,
  ServerErrorType,
  type ServerToAgent,
  ServerToAgentSchema,
} from '../../../wire/opamp/generated/opamp_pb.ts';
import { eventually } from '../testing/eventually.ts';
import { OURS, openWebSocket, ourAgent, RawHttp, type RawWebSocket } from '../testing/rawAgent.ts';
import { RawSocket } from '../testing/rawSocket.ts';
import { TOKEN } from '../testing/testFleet.ts';
import { withServer } from '../testing/withServer.ts';

const MiB = 1024 * 1024;
const isBadRequest = ({ errorResponse }: ServerToAgent) => errorResponse?.type === ServerErrorType.BAD_REQUEST;
const aMessage = () => toBinary(AgentToServerSchema, ourAgent({ kind: 'http' } as never).message());

// ── frames ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const frames: readonly [what: string, frame: Uint8Array][] = [
  ['an empty WebSocket message', new Uint8Array()],
  ['a header that ends too early', Uint8Array.from([0x80])],
  ['a header that is not zero', Uint8Array.from([0x01, ...aMessage()])],
  ['a header of eleven bytes', Uint8Array.from([...Array<number>(10).fill(0x80), 0x00])],
  ['a message without a header', aMessage()],
  ['a truncated message', Uint8Array.from([0, ...aMessage().subarray(0, -1)])],
  ['a length that reaches beyond the message', Uint8Array.from([0, 0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])],
  ['random bytes', Uint8Array.from([0, ...randomBytes(500).map((byte) => byte | 0x80)])],
  ['a message that says nothing, not even who it is from', Uint8Array.from([0])],
  ['the same with a header of ten bytes', Uint8Array.from([...Array<number>(9).fill(0x80), 0x00])],
];

for (const [what, frame] of frames) {
  withServer(`frame: ${what}: a bad request; the connection goes on`, {}, async ({ fleet, server, stillServes }) => {
    const transport = await openWebSocket(server.port);
    transport.socket.send(frame);
    assert.ok(isBadRequest(await transport.pushed()));
    const agent = ourAgent(transport);
    await agent.sayFull();
    assert.equal(fleet.isConnected(agent.uid), true);
    await transport.close();
    await stillServes();
  });
}

withServer('frames: one that sends nothing else is closed', {}, async ({ server, stillServes }) => {
  const transport = await openWebSocket(server.port);
  for (let count = 0; count < 20; count++) transport.socket.send(Uint8Array.from([1]));
  assert.equal(await transport.closed, 1008);
  assert.ok(server.metrics.malformed < 20, 'the rest was not even read');
  await stillServes();
});

withServer('frames: text is refused', {}, async ({ server, stillServes }) => {
  const transport = await openWebSocket(server.port);
  transport.socket.send('{"instance_uid": "…"}');
  assert.equal(await transport.closed, 1003);
  await stillServes();
});

withServer(
  'frames: a message over the limit closes with 1009',
  { receiveBytes: MiB },
  async ({ server, stillServes }) => {
    const whole = await openWebSocket(server.port);
    whole.socket.send(new Uint8Array(MiB + 1));
    assert.equal(await whole.closed, 1009);
    const inParts = await openWebSocket(server.port);
    for (let part = 0; part < 5; part++) inParts.socket.send(new Uint8Array(MiB / 4), { fin: false });
    assert.equal(await inParts.closed, 1009);
    assert.equal(server.metrics.oversizeReceived, 2);
    await stillServes();
  },
);

withServer(
  'frames: a flood of pings is cut off',
  { messageBurst: 50, messagesPerSecond: 1 },
  async ({ server, stillServes }) => {
    const transport = await openWebSocket(server.port);
    await ourAgent(transport).sayFull();
    for (let count = 0; count < 200; count++) transport.socket.ping();
    assert.equal(await transport.closed, 1013);
    await stillServes();
  },
);

withServer('frames: garbage after the upgrade is no crash', {}, async ({ server, stillServes, atEnd }) => {
  const raw = await RawSocket.open(server.port);
  atEnd(() => raw.destroy());
  raw.write(upgradeHead(TOKEN));
  await eventually('it is upgraded', () => raw.status === 101);
  raw.write(randomBytes(4096));
  await raw.closed;
  await stillServes();
});

withServer('a message of a million tiny fields is refused before it is made', {}, async ({ server, stillServes }) => {
  const attributes = Buffer.alloc(4 * MiB, Uint8Array.from([0x0a, 0x00]));
  const message = Buffer.concat([aMessage(), Uint8Array.from([0x1a, 0x80, 0x80, 0x80, 0x02]), attributes]);
  const answer = await new RawHttp(server.port).post(message);
  const error = fromBinary(ServerToAgentSchema, new Uint8Array(await answer.arrayBuffer())).errorResponse;
  assert.match(error?.errorMessage ?? '', /more than 200000 fields/);
  await stillServes();
});

// ── plain HTTP ──────────────────────────────────────────────────────────────────────────────────────────────────────

const bodies: readonly [what: string, body: Uint8Array, headers: Record<string, string>][] = [
  ['random bytes', randomBytes(500).map((byte) => byte | 0x80), {}],
  ['nothing', new Uint8Array(), {}],
  ['a truncated message', aMessage().subarray(0, -1), {}],
  ['what is not the gzip it is said to be', aMessage(), { 'Content-Encoding': 'gzip' }],
  ['truncated gzip', gzipSync(aMessage()).subarray(0, -6), { 'Content-Encoding': 'gzip' }],
  [
    'gzip with rubbish behind it',
    Buffer.concat([gzipSync(aMessage()), randomBytes(64)]),
    { 'Content-Encoding': 'gzip' },
  ],
];

for (const [what, body, headers] of bodies) {
  withServer(`HTTP: ${what}: answered as a bad request`, {}, async ({ server, stillServes }) => {
    const answer = await new RawHttp(server.port).post(body, headers);
    assert.equal(answer.status, 200);
    assert.ok(isBadRequest(fromBinary(ServerToAgentSchema, new Uint8Array(await answer.arrayBuffer()))));
    await stillServes();
  });
}

withServer(
  'HTTP: a body over the limit is refused, whether its length is said or not',
  { receiveBytes: MiB },
  async (world) => {
    const http = new RawHttp(world.server.port);
    assert.equal((await http.post(new Uint8Array(MiB + 1))).status, 413);
    const raw = await RawSocket.open(world.server.port);
    raw.write(postHead({ 'Transfer-Encoding': 'chunked' }));
    const chunk = Buffer.concat([Buffer.from('40000\r\n'), Buffer.alloc(0x40000), Buffer.from('\r\n')]);
    for (let count = 0; count < 6; count++) raw.write(chunk);
    await eventually('it is refused', () => raw.status === 413);
    raw.destroy();
    assert.equal(world.server.metrics.oversizeReceived, 2);
    await world.stillServes();
  },
);

withServer('HTTP: a gzip bomb is refused while it unfolds', { receiveBytes: MiB }, async ({ server, stillServes }) => {
  const bomb = gzipSync(Buffer.alloc(256 * MiB), { level: 9 });
  assert.ok(bomb.length < MiB, 'it comes in within the limit');
  const before = process.memoryUsage().rss;
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => new RawHttp(server.port).post(bomb, { 'Content-Encoding': 'gzip' })),
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    [413, 413, 413, 413],
  );
  assert.ok(process.memoryUsage().rss - before < 200 * MiB, 'a gigabyte was never there');
  await stillServes();
});

withServer('HTTP: an encoding nobody asked for is refused', {}, async ({ server, stillServes }) => {
  const answer = await new RawHttp(server.port).post(aMessage(), { 'Content-Encoding': 'br' });
  assert.deepEqual([answer.status, answer.headers.get('accept-encoding')], [415, 'gzip']);
  await stillServes();
});

withServer(
  'HTTP: a client that goes away in the middle of its body costs nothing',
  {},
  async ({ server, stillServes }) => {
    for (const headers of [{}, { 'Content-Encoding': 'gzip' }]) {
      const raw = await RawSocket.open(server.port);
      raw.write(`${postHead({ 'Content-Length': '1000', ...headers })}`).write(gzipSync(randomBytes(500)));
      raw.destroy();
      await raw.closed;
    }
    await stillServes();
  },
);

withServer(
  'HTTP: together, bodies have a limit too',
  { receivingBytes: MiB },
  async ({ server, stillServes, atEnd }) => {
    const raw = await RawSocket.open(server.port);
    atEnd(() => raw.destroy());
    raw.write(postHead({ 'Content-Length': String(2 * MiB) })).write(Buffer.alloc(MiB - 1000));
    const http = new RawHttp(server.port);
    const answer = await eventually('there is no room for another', async () => {
      const tried = await http.post(new Uint8Array(2000));
      return tried.status === 503 && tried;
    });
    assert.equal(answer.headers.get('retry-after'), '30');
    raw.destroy();
    await eventually('there is room again', async () => (await http.post(new Uint8Array(2000))).status === 200);
    await stillServes();
  },
);

const requests: readonly [what: string, request: string, status: number][] = [
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
  ['an endless header', `GET /v1/opamp HTTP/1.1\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, 400],
  ['another path', `GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`, 404],
  ['a path that is not UTF-8', `GET /%ff HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`, 404],
  [
    'another method',
    `PUT /v1/opamp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 0\r\n\r\n`,
    405,
  ],
  ['no upgrade', `GET /v1/opamp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`, 426],
  [
    'another content type',
    `POST /v1/opamp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 0\r\n\r\n`,
    415,
  ],
  [
    'an upgrade to something else',
    `GET /v1/opamp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`,
    426,
  ],
  [
    'an upgrade without a key',
    `GET /v1/opamp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    400,
  ],
  ['an upgrade on another path', upgradeHead(TOKEN, '/elsewhere'), 404],
];

for (const [what, request, status] of requests) {
  withServer(`HTTP: ${what}: ${status}`, {}, async ({ server, stillServes }) => {
    const raw = await RawSocket.open(server.port);
    raw.write(request);
    await eventually('it is answered', () => raw.status !== 0);
    assert.equal(raw.status, status);
    raw.destroy();
    await stillServes();
  });
}

// ── tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────────

for (const [what, token] of [
  ['no token', ''],
  ['a wrong token', 'not-the-token'],
  ['the token and something behind it', `${TOKEN} x`],
] as const) {
  withServer(`${what}: 401, before the upgrade and before a body is read`, {}, async ({ server, log, stillServes }) => {
    const upgrade = await RawSocket.open(server.port);
    upgrade.write(upgradeHead(token));
    await eventually('it is answered', () => upgrade.status !== 0);
    assert.equal(upgrade.status, 401);
    assert.match(upgrade.received, /WWW-Authenticate: Bearer/);
    assert.equal((await new RawHttp(server.port, token).post(aMessage())).status, 401);
    const artifact = await fetch(`http://127.0.0.1:${server.port}/v1/artifacts/sha256:${'0'.repeat(64)}`);
    assert.equal(artifact.status, 401);
    assert.equal(server.metrics.unauthorized, 3);
    assert.ok(!log.join().includes('not-the-token'), 'no token is ever logged');
    await stillServes();
  });
}

// ── crowds ──────────────────────────────────────────────────────────────────────────────────────────────────────────

withServer(
  'a flood of WebSockets is throttled before the upgrade; agents that are in are served',
  { connections: 50 },
  async (world) => {
    const { server, fleet } = world;
    const good = ourAgent(await openWebSocket(server.port));
    await good.sayFull(OURS);
    const statuses: number[] = [];
    const opened: RawWebSocket[] = [];
    for (let batch = 0; batch < 10; batch++) {
      const tries = Array.from({ length: 50 }, () => attempt(server.port));
      for (const outcome of await Promise.all(tries)) {
        if (typeof outcome === 'number') statuses.push(outcome);
        else opened.push(outcome);
      }
      assert.equal((await good.say()).errorResponse, undefined);
    }
    assert.deepEqual([opened.length, statuses.length], [49, 451]);
    assert.ok(statuses.every((status) => status === 503));
    fleet.assign({ service: 'shop', role: 'web', slot: 'config/shop', candidate: 'new' });
    assert.ok((await good.transport.pushed()).customMessage, 'and told what changes');
    for (const transport of opened) await transport.close();
    await good.transport.close();
    await world.stillServes();
  },
);

withServer('half-open upgrades and slow headers do not keep others out, and end', { headerMs: 500 }, async (world) => {
  const crowd: RawSocket[] = [];
  for (let count = 0; count < 100; count++) {
    const raw = await RawSocket.open(world.server.port);
    crowd.push(raw.write(upgradeHead(TOKEN).slice(0, count)));
    world.atEnd(() => raw.destroy());
  }
  await world.stillServes();
  await Promise.all(crowd.map(({ closed }) => closed));
  await world.stillServes();
});

withServer(
  'over HTTP, a connection that sends too many messages is told to wait',
  { messageBurst: 3, messagesPerSecond: 0.001 },
  async (world) => {
    const raw = await RawSocket.open(world.server.port);
    const message = aMessage();
    for (let count = 0; count < 4; count++)
      raw.write(postHead({ 'Content-Length': String(message.length) })).write(message);
    await eventually('the fourth is refused', () => /HTTP\/1\.1 429[\s\S]*Retry-After: 30/.test(raw.received));
    assert.equal(raw.received.match(/HTTP\/1\.1 200/g)?.length, 3);
    raw.destroy();
    await world.stillServes();
  },
);

async function attempt(port: number): Promise<number | RawWebSocket> {
  try {
    return await openWebSocket(port);
  } catch (error) {
    return Number(/response: (\d+)/.exec(String(error))?.[1] ?? 0);
  }
}

function upgradeHead(token: string, path = '/v1/opamp'): string {
  const lines = [
    'Host: x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ];
  return [`GET ${path} HTTP/1.1`, ...lines, ...(token === '' ? [] : [`Authorization: Bearer ${token}`]), '', ''].join(
    '\r\n',
  );
}

function postHead(headers: Readonly<Record<string, string>>): string {
  const fixed = { Host: 'x', Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/x-protobuf' };
  const lines = Object.entries({ ...fixed, ...headers }).map(([name, value]) => `${name}: ${value}`);
  return ['POST /v1/opamp HTTP/1.1', ...lines, '', ''].join('\r\n');
}

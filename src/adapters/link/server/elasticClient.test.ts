// A client that others wrote, against our server: what it makes of us, not what we think of ourselves.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { request } from 'node:http';
import { describe } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import elastic from '@elastic/opamp-client-node';
import {
  AgentCapability,
  type AgentRemoteConfig,
  AgentToServerSchema,
  RemoteConfigState,
  ServerToAgentSchema,
} from '../../../wire/opamp/generated/opamp_pb.ts';
import { eventually } from '../testing/eventually.ts';
import { aUid, foreignAgent, RawHttp } from '../testing/rawAgent.ts';
import { digestOf, type TestFleet, TOKEN } from '../testing/testFleet.ts';
import { type ServerUnderTest, withServer } from '../testing/withServer.ts';

const { createOpAMPClient, DIAG_CH_SEND_FAIL, DIAG_CH_SEND_SUCCESS } = elastic;

interface Sent {
  readonly a2s: { readonly agentDescription?: unknown; readonly sequenceNum: bigint };
  readonly s2a: { readonly flags: bigint; readonly instanceUid: Uint8Array };
}

interface Failed {
  readonly err: unknown;
  readonly retryAfterMs: number | null;
}

/** The real client, polling ten times a second, and what it says of itself. */
function startClient({ server, atEnd }: ServerUnderTest, instanceUid: string | Uint8Array = aUid()) {
  const uid = typeof instanceUid === 'string' ? Uint8Array.fromHex(instanceUid) : instanceUid;
  const configs: AgentRemoteConfig[] = [];
  const sent: Sent[] = [];
  const failed: Failed[] = [];
  const onSent = (message: unknown) => sent.push(message as Sent);
  const onFailed = (message: unknown) => failed.push(message as Failed);
  subscribe(DIAG_CH_SEND_SUCCESS, onSent);
  subscribe(DIAG_CH_SEND_FAIL, onFailed);
  const client = createOpAMPClient({
    endpoint: `http://127.0.0.1:${server.port}/v1/opamp`,
    headers: { Authorization: `Bearer ${TOKEN}` },
    instanceUid: uid,
    heartbeatIntervalSeconds: 0.1,
    capabilities: BigInt(AgentCapability.ACCEPTS_REMOTE_CONFIG | AgentCapability.REPORTS_REMOTE_CONFIG),
    onMessage: ({ remoteConfig }) => configs.push(remoteConfig as unknown as AgentRemoteConfig),
    diagEnabled: true,
  });
  client.setAgentDescription({
    identifyingAttributes: { 'service.name': 'collector', 'service.instance.id': 'collector-1' },
  });
  client.start();
  atEnd(async () => {
    unsubscribe(DIAG_CH_SEND_SUCCESS, onSent);
    unsubscribe(DIAG_CH_SEND_FAIL, onFailed);
    await client.shutdown();
  });
  return { client, configs, sent, failed, uid: uid.toHex() };
}

const assign = (fleet: TestFleet, candidate: string | null) =>
  fleet.assign({ service: 'collector', role: 'gateway', slot: 'config/main', lastKnownGood: null, candidate });
const textOf = (config: AgentRemoteConfig) => Buffer.from(config.config?.configMap['']?.body ?? []).toString();

describe('@elastic/opamp-client-node', () => {
  withServer('is delivered its configuration, reports it, fails at another and goes back', {}, async (world) => {
    const { fleet, server } = world;
    const large = 'receivers: '.padEnd(5_000, 'x');
    assign(fleet, large);
    const { client, configs, uid } = startClient(world);
    const [first] = await eventually('the first configuration', () => configs.length === 1 && configs);
    assert.ok(first);
    assert.equal(
      textOf(first),
      large,
      'larger than what is compressed for those who accept it; it never asks for that',
    );
    client.setRemoteConfigStatus({
      lastRemoteConfigHash: first.configHash,
      status: RemoteConfigState.APPLIED,
    } as never);
    const settled = await eventually('it is settled', () =>
      fleet.lastReport(uid)?.slots.find(({ phase, current }) => phase === 'settled' && current !== null),
    );
    assert.equal(settled.current, digestOf(large));

    assign(fleet, 'bad');
    const [, second] = await eventually('the second', () => configs.length === 2 && configs);
    assert.ok(second);
    const failed = {
      lastRemoteConfigHash: second.configHash,
      status: RemoteConfigState.FAILED,
      errorMessage: 'no exporters',
    };
    client.setRemoteConfigStatus(failed as never);
    const report = await eventually('it failed', () =>
      fleet.lastReport(uid)?.slots.find(({ phase }) => phase === 'failed'),
    );
    assert.deepEqual(
      [report.failureCode, report.failure, report.current],
      ['apply-failed', 'no exporters', digestOf(large)],
    );
    const seen = server.metrics.messagesReceived;
    await eventually('five more polls', () => server.metrics.messagesReceived >= seen + 5);
    assert.equal(configs.length, 2, 'what it could not apply is not offered again');

    assign(fleet, null);
    const third = await eventually('the way back', () => configs[2]);
    assert.deepEqual(third.config?.configMap, {});
  });

  withServer('is asked for its full state, and gives it', {}, async (world) => {
    const { sent } = startClient(world);
    const [first, second, third] = await eventually('three messages', () => sent.length >= 3 && sent);
    assert.equal(first?.s2a.flags, 1n);
    assert.ok(second?.a2s.agentDescription, 'the full state');
    assert.deepEqual([second.s2a.flags, third?.a2s.agentDescription], [0n, undefined], 'and then no more');
  });

  withServer('is throttled by 503 and Retry-After', { requests: 0 }, async (world) => {
    const { failed } = startClient(world);
    const failure = await eventually('it gives up for now', () => failed[0]);
    assert.deepEqual(failure.err, 'OpAMP server HTTP 503');
    assert.equal(failure.retryAfterMs, 30_000);
  });

  withServer('understands that its message was bad', {}, async (world) => {
    const { failed } = startClient(world, new Uint8Array(16));
    const failure = await eventually('it is told', () => failed[0]);
    assert.match(
      String(failure.err),
      /^ServerErrorResponse BadRequest: instance_uid: 16 bytes; expected 16 that are not all zero/,
    );
  });

  withServer('is told why it is not accepted', {}, async (world) => {
    world.fleet.introduce = async () => ({
      ok: false,
      error: { code: 'unknown-service', says: 'there is no service "collector"', remedy: 'apply it' },
    });
    const { failed } = startClient(world);
    const failure = await eventually('it is told', () => failed[0]);
    assert.match(String(failure.err), /Unknown: unknown-service: there is no service "collector"; apply it/);
  });
});

describe('gzip', () => {
  withServer('a request may be compressed; the answer is only for who accepts that', {}, async ({ fleet, server }) => {
    assign(fleet, 'x'.repeat(20_000));
    const post = (acceptEncoding: string) =>
      new Promise<{ encoding: string | undefined; body: Buffer }>((resolve, reject) => {
        const agent = foreignAgent(new RawHttp(server.port));
        const message = agent.message({
          agentDescription: {
            identifyingAttributes: [
              { key: 'service.name', value: { value: { case: 'stringValue', value: 'collector' } } },
            ],
          },
        });
        const headers = {
          Authorization: `Bearer ${TOKEN}`,
          'Content-Type': 'application/x-protobuf',
          'Content-Encoding': 'gzip',
          'Accept-Encoding': acceptEncoding,
        };
        const outgoing = request(
          { host: '127.0.0.1', port: server.port, path: '/v1/opamp', method: 'POST', headers },
          (incoming) => {
            incoming
              .toArray()
              .then(
                (chunks) => resolve({ encoding: incoming.headers['content-encoding'], body: Buffer.concat(chunks) }),
                reject,
              );
          },
        );
        outgoing.on('error', reject).end(gzipSync(toBinary(AgentToServerSchema, message)));
      });
    for (const [acceptEncoding, expected] of [
      ['gzip', 'gzip'],
      ['deflate, gzip;q=0.5', 'gzip'],
      ['*', 'gzip'],
      ['', undefined],
      ['identity', undefined],
      ['gzip;q=0', undefined],
      ['br', undefined],
    ] as const) {
      const { encoding, body } = await post(acceptEncoding);
      assert.equal(encoding, expected, `Accept-Encoding: ${acceptEncoding}`);
      const answer = fromBinary(ServerToAgentSchema, encoding === 'gzip' ? gunzipSync(body) : body);
      assert.equal(answer.errorResponse, undefined);
      assert.equal(answer.remoteConfig?.config?.configMap['']?.body.length, 20_000);
      assert.equal(body.length < 1_000, encoding === 'gzip');
    }
  });
});

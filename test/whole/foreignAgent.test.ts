import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import elastic from '@elastic/opamp-client-node';
import { description, RawAgent, RawHttp } from '../../src/adapters/link/testing/rawAgent.ts';
import {
  AgentCapability,
  type AgentRemoteConfig,
  RemoteConfigState,
  type ServerToAgent,
} from '../../src/wire/opamp/generated/opamp_pb.ts';
import { until } from '../http/apiUnderTest.ts';
import { CollectorStand } from './collectorStand.ts';

/* Agents that are not ours, through whole rollouts forward and back: what a collector and its supervisor do, without either of them. */

const OWN = 'receivers: { otlp: {} }\n';
const GOOD = 'receivers: { otlp: {}, hostmetrics: { collection_interval: 10s } }\n';

const attributesOf = (ring: string) => ({
  'service.name': 'collector',
  'service.instance.id': `collector-${ring}`,
  'ringfence.label.ring': ring,
});

const textOf = ({ config }: AgentRemoteConfig) => {
  const body = config?.configMap['']?.body;
  return body === undefined ? OWN : Buffer.from(body).toString();
};

/** A program around Elastic's OpAMP client for Node, which speaks over HTTP and knows of configuration alone. */
class ElasticCollector {
  config = OWN;

  constructor(t: TestContext, { opamp, token }: CollectorStand, ring: string) {
    const client = elastic.createOpAMPClient({
      endpoint: opamp,
      headers: { Authorization: `Bearer ${token}` },
      heartbeatIntervalSeconds: 0.1,
      capabilities: BigInt(AgentCapability.ACCEPTS_REMOTE_CONFIG | AgentCapability.REPORTS_REMOTE_CONFIG),
      onMessage: ({ remoteConfig }) => {
        if (remoteConfig === undefined) return;
        const given = remoteConfig as unknown as AgentRemoteConfig;
        const isBad = textOf(given).includes('bad');
        if (!isBad) this.config = textOf(given);
        client.setRemoteConfigStatus({
          lastRemoteConfigHash: given.configHash,
          status: isBad ? RemoteConfigState.FAILED : RemoteConfigState.APPLIED,
          errorMessage: isBad ? 'exporters::bad is not known' : '',
        } as never);
      },
    });
    const { 'ringfence.label.ring': label, ...identifying } = attributesOf(ring);
    client.setAgentDescription({
      identifyingAttributes: identifying,
      nonIdentifyingAttributes: { 'ringfence.label.ring': label },
    });
    client.start();
    t.after(() => client.shutdown());
  }
}

/** Every collector does more and more, without a failure, and that is said over OTLP. */
async function prepareWithTraffic(t: TestContext, stand: CollectorStand): Promise<void> {
  const metrics = { spans: { otlp: 'spans' }, refused: { otlp: 'refused' } };
  await stand.prepare(metrics, { kind: 'failureProportion', failures: 'refused', total: 'spans', margin: 0.02 });
  const point = (asInt: string) => [
    {
      asInt,
      startTimeUnixNano: `${BigInt(Date.now() - 200) * 1_000_000n}`,
      timeUnixNano: `${BigInt(Date.now()) * 1_000_000n}`,
    },
  ];
  const sum = (name: string, value: string) => ({
    name,
    sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: point(value) },
  });
  const timer = setInterval(() => {
    const resourceMetrics = CollectorStand.RINGS.map((ring) => ({
      resource: { attributes: [{ key: 'service.instance.id', value: { stringValue: `collector-${ring}` } }] },
      scopeMetrics: [{ metrics: [sum('spans', '400'), sum('refused', '0')] }],
    }));
    stand.call('POST', '/otlp/v1/metrics', { resourceMetrics }).catch(() => {});
  }, 200);
  t.after(() => clearInterval(timer));
}

test('a client that others wrote: forward through every ring, refused, and back', { timeout: 180_000 }, async (t) => {
  const stand = new CollectorStand(t);
  await prepareWithTraffic(t, stand);
  const collectors = CollectorStand.RINGS.map((ring) => new ElasticCollector(t, stand, ring));
  const running = () => collectors.map(({ config }) => config);

  const first = await stand.roll('first', GOOD);
  await until('the canary to have it', () => running()[0] === GOOD);
  await stand.rollback(first);
  assert.equal(await stand.ended(first), 'rolledBack');
  assert.deepEqual(running(), [OWN, OWN], 'the way back is a configuration without files');

  const good = GOOD.replace('10s', '20s');
  assert.equal(await stand.ended(await stand.roll('good', good)), 'completed');
  assert.deepEqual(running(), [good, good]);

  const bad = await stand.roll('bad', 'exporters: { bad: {} }\n');
  assert.equal(await stand.ended(bad), 'rolledBack');
  assert.match(JSON.stringify(await stand.view(bad)), /exporters::bad is not known/);
  assert.deepEqual(running(), [good, good]);
});

/** One that also says how it is and what it runs with, by the protocol's own messages. */
class TellingCollector {
  config = OWN;
  /** Says that it applied what it was given, and goes on with what it had. */
  ignores = false;
  readonly #agent: RawAgent;
  readonly #attributes: Readonly<Record<string, string>>;
  #healthy = true;

  constructor(t: TestContext, { opamp, token }: CollectorStand, ring: string) {
    this.#attributes = attributesOf(ring);
    this.#agent = new RawAgent(new RawHttp(Number(new URL(opamp).port), token), this.#attributes);
    const { REPORTS_STATUS, ACCEPTS_REMOTE_CONFIG, REPORTS_REMOTE_CONFIG } = AgentCapability;
    const tells = AgentCapability.REPORTS_EFFECTIVE_CONFIG | AgentCapability.REPORTS_HEALTH;
    this.#agent.capabilities = BigInt(REPORTS_STATUS | ACCEPTS_REMOTE_CONFIG | REPORTS_REMOTE_CONFIG | tells);
    const timer = setInterval(() => this.#poll().catch(() => {}), 150);
    t.after(() => clearInterval(timer));
  }

  async #poll(): Promise<void> {
    const answer = await this.#agent.say({ agentDescription: description(this.#attributes), ...this.#state() });
    if (answer.remoteConfig !== undefined) await this.#take(answer.remoteConfig);
  }

  #state() {
    const body = Buffer.from(this.config);
    return {
      health: { healthy: this.#healthy, lastError: this.#healthy ? '' : 'exporter: connection refused' },
      effectiveConfig: { configMap: { configMap: { 'collector.yaml': { body } } } },
    };
  }

  async #take(given: NonNullable<ServerToAgent['remoteConfig']>): Promise<void> {
    if (!this.ignores) this.config = textOf(given);
    this.#healthy = !this.config.includes('sick');
    const status = { lastRemoteConfigHash: given.configHash, status: RemoteConfigState.APPLIED };
    await this.#agent.say({ ...this.#state(), remoteConfigStatus: status });
  }
}

test('gated by how an agent is, and by what it runs with', { timeout: 180_000 }, async (t) => {
  const stand = new CollectorStand(t);
  await prepareWithTraffic(t, stand);
  const collectors = CollectorStand.RINGS.map((ring) => new TellingCollector(t, stand, ring));
  const running = () => collectors.map(({ config }) => config);

  assert.equal(await stand.ended(await stand.roll('good', GOOD)), 'completed');
  assert.deepEqual(running(), [GOOD, GOOD]);
  const { body: targets } = await stand.call('GET', '/v1/targets');
  assert.match(JSON.stringify(targets), /"verifiedBy":"effective-config"/, 'what it runs with shows it');

  await t.test('one that is unwell with it goes back, and takes the rollout with it', async () => {
    const id = await stand.roll('sick', 'exporters: { sick: {} }\n');
    assert.equal(await stand.ended(id), 'rolledBack');
    assert.match(JSON.stringify(await stand.view(id)), /its own checks fail: health/);
    assert.deepEqual(running(), [GOOD, GOOD]);
  });

  await t.test('law 7: one that says it applied it, and runs with another value, opens nothing', async () => {
    const [canary] = collectors;
    assert.ok(canary);
    canary.ignores = true;
    const id = await stand.roll('slower', GOOD.replace('10s', '60s'));
    await until('it is held', async () =>
      (await stand.view(id)).rollout.holds.some(({ reason }) => reason === 'slow-path'),
    );
    const { body } = await stand.call('GET', '/v1/targets');
    assert.match(JSON.stringify(body), /it runs with another receivers\.hostmetrics\.collection_interval/);
    canary.ignores = false;
    await stand.rollback(id);
    assert.equal(await stand.ended(id), 'rolledBack');
    assert.deepEqual(running(), [GOOD, GOOD]);
  });
});

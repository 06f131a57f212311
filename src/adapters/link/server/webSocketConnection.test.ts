import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { AgentCapability, ServerErrorType } from '../../../wire/opamp/generated/opamp_pb.ts';
import { formatUid } from '../../../wire/opamp/instanceUid.ts';
import { eventually } from '../testing/eventually.ts';
import { aUid, foreignAgent, OURS, openWebSocket, ourAgent, type RawAgent, RawWebSocket } from '../testing/rawAgent.ts';
import { TOKEN } from '../testing/testFleet.ts';
import { type ServerUnderTest, withServer } from '../testing/withServer.ts';

/** A client that does not answer pings: as good as dead, though its socket is open. */
async function openDead({ server, atEnd }: ServerUnderTest): Promise<RawWebSocket> {
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/v1/opamp`, { headers, autoPong: false });
  const raw = new RawWebSocket(socket);
  atEnd(() => socket.terminate());
  await new Promise((resolve) => socket.once('open', resolve));
  return raw;
}

const slotOf = (role: string) => ({ service: 'shop', role, slot: 'config/shop' });
const typesOf = (agent: RawAgent) =>
  (agent.transport as RawWebSocket).unread.map(({ customMessage }) => customMessage?.type);

withServer('several agents may share one WebSocket; each is told what is its own', {}, async ({ fleet, server }) => {
  const transport = await openWebSocket(server.port);
  const agents = Array.from({ length: 5 }, () => ourAgent(transport));
  for (const agent of agents) assert.equal(formatUid((await agent.sayFull(OURS)).instanceUid), agent.uid);
  fleet.assign({ ...slotOf('web'), candidate: 'new' });
  const told = new Set<string>();
  for (const _ of agents) told.add(formatUid((await transport.pushed()).instanceUid));
  assert.deepEqual(told, new Set(agents.map(({ uid }) => uid)));
  await transport.close();
  await eventually('all are lost with their socket', () => agents.every(({ uid }) => !fleet.isConnected(uid)));
});

withServer(
  'more agents than may share a WebSocket are told to come back',
  { agentsPerConnection: 2 },
  async ({ server }) => {
    const transport = await openWebSocket(server.port);
    const answers = [];
    for (let count = 0; count < 3; count++) answers.push(await ourAgent(transport).sayFull());
    const types = answers.map(({ errorResponse }) => errorResponse?.type);
    assert.deepEqual(types, [undefined, undefined, ServerErrorType.UNAVAILABLE]);
    await transport.close();
  },
);

withServer('one document is encoded once for all agents of its role', {}, async ({ fleet, server }) => {
  const transport = await openWebSocket(server.port);
  const agents = Array.from({ length: 20 }, () => ourAgent(transport));
  for (const agent of agents) await agent.sayFull(OURS);
  const before = server.metrics.assignmentsEncoded;
  fleet.assign({ ...slotOf('web'), candidate: 'new' });
  for (const _ of agents) await transport.pushed();
  assert.equal(server.metrics.assignmentsEncoded - before, 1);
  await transport.close();
});

withServer('changes that follow each other are told once, as they are in the end', {}, async ({ fleet, server }) => {
  const agent = ourAgent(await openWebSocket(server.port));
  await agent.sayFull(OURS);
  for (let wave = 0; wave < 50; wave++) fleet.assign({ ...slotOf('web'), candidate: `new ${wave}` });
  await agent.transport.pushed();
  await agent.say();
  assert.deepEqual(typesOf(agent), [], 'nothing more came before the answer');
  await agent.transport.close();
});

withServer('a roll-back is told before everything that waits, to those it touches', {}, async (world) => {
  const { fleet, server } = world;
  const transport = await openWebSocket(server.port);
  const canary = ourAgent(transport, 'web', { ring: 'canary' });
  const broad = Array.from({ length: 300 }, () => ourAgent(transport, 'web', { ring: 'broad' }));
  fleet.assign({ ...slotOf('web'), lastKnownGood: 'old', candidate: 'new' }, { targets: { ring: ['canary'] } });
  for (const agent of [...broad, canary]) await agent.sayFull(OURS);
  // The last that came is the last to be told, were it not that only its revision changes.
  fleet.assign({ ...slotOf('web'), lastKnownGood: 'old' }, { urgent: true });
  assert.equal(formatUid((await transport.pushed()).instanceUid), canary.uid);
  for (const _ of broad) await transport.pushed();
  await transport.close();
});

withServer(
  'a connection that is dead does not keep its uid: the agent that came back takes it over',
  {},
  async (world) => {
    const { clock, fleet } = world;
    const uid = aUid();
    const before = ourAgent(await openDead(world), 'web', {}, uid);
    await before.sayFull(OURS);
    const transport = await openWebSocket(world.server.port);
    const after = ourAgent(transport, 'web', {}, uid);
    const answer = after.sayFull(OURS);
    await eventually('the old connection is probed', () => clock.pending.some((due) => due > 1_000 && due <= 3_000));
    clock.skip(3_000);
    assert.equal((await answer).agentIdentification, undefined);
    assert.equal(await (before.transport as RawWebSocket).closed, 1006, 'the old one is ended');
    assert.equal(fleet.isConnected(uid), true);
    await transport.close();
  },
);

withServer('a WebSocket that answers no ping is closed, and its agents are lost', {}, async (world) => {
  const agent = ourAgent(await openDead(world));
  await agent.sayFull();
  for (let waited = 0; waited < 60_000; waited += 5_000) world.clock.skip(5_000);
  assert.equal(await (agent.transport as RawWebSocket).closed, 1006);
  await eventually('it is lost', () => !world.fleet.isConnected(agent.uid));
});

withServer(
  'an agent that promised no heartbeat may be silent for as long as its socket lives',
  { pingMs: 1e9 },
  async (world) => {
    const agent = ourAgent(await openWebSocket(world.server.port));
    await agent.sayFull();
    world.clock.skip(1_000_000);
    assert.equal(world.fleet.isConnected(agent.uid), true);
    agent.capabilities |= BigInt(AgentCapability.REPORTS_HEARTBEAT);
    await agent.say();
    world.clock.skip(1_000_000);
    assert.equal(world.fleet.isConnected(agent.uid), false);
    await agent.transport.close();
  },
);

withServer('a WebSocket on which no message comes is closed', {}, async ({ clock, server, stillServes }) => {
  const transport = await openWebSocket(server.port);
  clock.skip(11_000);
  assert.equal(await transport.closed, 1008);
  await stillServes();
});

withServer(
  'revoking a token ends the connections that came with it',
  {},
  async ({ clock, fleet, server, stillServes }) => {
    fleet.tokens.add('another-token');
    const agent = ourAgent(await openWebSocket(server.port, 'another-token'));
    await agent.sayFull();
    fleet.tokens.delete('another-token');
    clock.skip(2_000);
    assert.equal(await (agent.transport as RawWebSocket).closed, 1008);
    await eventually('it is lost', () => !fleet.isConnected(agent.uid));
    await stillServes();
  },
);

withServer(
  'an agent that sends too much is told to wait, and closed',
  { messageBurst: 20, messagesPerSecond: 1 },
  async (world) => {
    const transport = await openWebSocket(world.server.port);
    const agent = ourAgent(transport);
    for (let count = 0; count < 60; count++) transport.send(agent.message());
    assert.equal(await transport.closed, 1013);
    const error = transport.unread.at(-1)?.errorResponse;
    assert.deepEqual(
      [error?.type, error?.details.value?.retryAfterNanoseconds],
      [ServerErrorType.UNAVAILABLE, 30_000_000_000n],
    );
    assert.equal(world.server.metrics.rateLimited, 1);
    await world.stillServes();
  },
);

const MiB = 1024 * 1024;

/** Many agents on one socket that does not read, each owed a megabyte. */
async function oweMuch({ fleet, server, atEnd }: ServerUnderTest, agents: number): Promise<RawWebSocket> {
  fleet.assign({ service: 'collector', role: 'gateway', slot: 'config/main', candidate: 'x'.repeat(MiB) });
  const transport = await openWebSocket(server.port);
  atEnd(() => transport.socket.terminate());
  transport.socket.pause();
  for (let count = 0; count < agents; count++) {
    const agent = foreignAgent(transport);
    void agent.sayFull().catch(() => {});
  }
  return transport;
}

withServer(
  'an agent that lets too much wait is closed, and the others do not notice',
  { queuedBytes: 8 * MiB },
  async (world) => {
    await oweMuch(world, 40);
    await eventually('it is closed', () => world.server.metrics.slowClosed === 1);
    await world.stillServes();
  },
);

withServer('an agent that takes nothing for too long is closed', {}, async (world) => {
  await oweMuch(world, 40);
  await eventually('all is owed', () => world.server.metrics.configsOffered === 40);
  for (let waited = 0; waited < 31_000; waited += 1_000) world.clock.skip(1_000);
  await eventually('it is closed', () => world.server.metrics.slowClosed === 1);
  await world.stillServes();
});

withServer('when the server stops, agents are told to go and are lost', {}, async ({ fleet, server }) => {
  const agent = ourAgent(await openWebSocket(server.port));
  await agent.sayFull();
  const [code] = await Promise.all([(agent.transport as RawWebSocket).closed, server.close()]);
  assert.equal(code, 1001);
  assert.equal(fleet.isConnected(agent.uid), false);
});

withServer('an agent whose enrolment outlasts its connection is not taken for connected', {}, async (world) => {
  const { fleet, server } = world;
  const enrolling = Promise.withResolvers<void>();
  fleet.enrolling = enrolling.promise;
  const transport = await openWebSocket(server.port);
  const agent = ourAgent(transport);
  void agent.sayFull().catch(() => {});
  // It waits behind the first, and is worked on when nobody is there any more.
  transport.send(agent.message());
  await eventually('the server has both', () => server.metrics.messagesReceived === 2);
  await transport.close();
  await eventually('the connection is gone', () => server.metrics.connections === 0);
  enrolling.resolve();
  await eventually('it was enrolled', () => fleet.introduced.length === 1);
  // Others that come after them are answered: so they have been worked on.
  await world.stillServes();
  assert.equal(fleet.isConnected(agent.uid), false);
  await eventually('nobody is connected', () => server.metrics.agentsConnected === 0, 1_000);
});

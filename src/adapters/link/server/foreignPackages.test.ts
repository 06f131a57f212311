import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { AgentCapability, PackageState } from '../../../wire/opamp/generated/opamp_pb.ts';
import { told } from '../testing/answers.ts';
import { foreignAgent, type Message, type RawAgent, RawHttp } from '../testing/rawAgent.ts';
import { digestOf, type TestFleet } from '../testing/testFleet.ts';
import { withServer } from '../testing/withServer.ts';

/* Packages of agents that are not ours, by the messages of the protocol. */

const describing = (version: string) =>
  JSON.stringify({ version, url: `http://127.0.0.1:1/${version}.tar.gz`, sha256: version.padEnd(64, '0') });
const [OLD, NEW] = [describing('1'), describing('2')];
const hashOf = (text: string) => Uint8Array.fromHex(digestOf(text).slice(7));

/** The packages in an answer: names and versions. */
const offered = (answer: Awaited<ReturnType<RawAgent['say']>>) =>
  answer.packagesAvailable &&
  Object.entries(answer.packagesAvailable.packages).map(([name, { version }]) => `${name} ${version}`);

function packageAgent(port: number): RawAgent {
  const agent = foreignAgent(new RawHttp(port));
  agent.capabilities |= BigInt(AgentCapability.ACCEPTS_PACKAGES | AgentCapability.REPORTS_PACKAGE_STATUSES);
  return agent;
}

/** What the agent says of its one package. */
const statuses = (
  all: Uint8Array,
  {
    has = null,
    offer = null,
    status = PackageState.INSTALLED,
    errorMessage = '',
  }: { has?: string | null; offer?: string | null; status?: PackageState; errorMessage?: string },
): Message => ({
  packageStatuses: {
    serverProvidedAllPackagesHash: all,
    packages: {
      agent: {
        name: 'agent',
        agentHasVersion: has === null ? '' : 'some',
        agentHasHash: has === null ? new Uint8Array() : hashOf(has),
        serverOfferedHash: offer === null ? new Uint8Array() : hashOf(offer),
        status,
        errorMessage,
      },
    },
  },
});
const NONE: Message = { packageStatuses: { packages: {} } };

describe('packages of foreign agents', () => {
  const rule = (
    name: string,
    run: (world: { fleet: TestFleet; agent: RawAgent; slot: () => unknown[] }) => Promise<void>,
  ) =>
    withServer(name, {}, async ({ fleet, server }) => {
      fleet.addService('collector', ['gateway'], 'opamp/agent');
      const agent = packageAgent(server.port);
      await run({
        fleet,
        agent,
        slot: () => {
          const found = fleet.lastReport(agent.uid)?.slots.find(({ slot }) => slot === 'opamp/agent');
          return [found?.phase, found?.current ?? null, found?.failure];
        },
      });
    });
  const put = (fleet: TestFleet, good: string | null, candidate: string | null) =>
    fleet.assign({ service: 'collector', role: 'gateway', slot: 'opamp/agent', lastKnownGood: good, candidate });

  rule('forward, failing, and back by an earlier version and a new hash for all', async ({ fleet, agent, slot }) => {
    put(fleet, OLD, null);
    const first = (await agent.sayFull(NONE)).packagesAvailable;
    assert.deepEqual(Object.keys(first?.packages ?? {}), ['agent']);
    assert.equal(first?.packages.agent?.file?.contentHash.toHex(), '1'.padEnd(64, '0'));
    const all = first?.allPackagesHash ?? new Uint8Array();
    await agent.say(statuses(all, { offer: OLD, status: PackageState.DOWNLOADING }));
    assert.deepEqual(slot().slice(0, 2), ['applying', null]);
    assert.equal(offered(await agent.say(statuses(all, { has: OLD, offer: OLD }))), undefined, 'it has it');
    assert.deepEqual(slot().slice(0, 2), ['settled', digestOf(OLD)]);

    put(fleet, OLD, NEW);
    const second = await told(agent);
    assert.deepEqual(offered(second), ['agent 2']);
    const next = second.packagesAvailable?.allPackagesHash ?? new Uint8Array();
    assert.notDeepEqual(next, all);
    const failed = { has: OLD, offer: NEW, status: PackageState.INSTALL_FAILED, errorMessage: 'no space' };
    assert.equal(offered(await agent.say(statuses(next, failed))), undefined, 'what failed is not offered again');
    assert.deepEqual(slot(), ['failed', digestOf(OLD), 'no space']);

    put(fleet, OLD, null);
    assert.deepEqual(offered(await told(agent)), ['agent 1'], 'the way back is an offer of what was before');
    await agent.say(statuses(all, { has: OLD, offer: OLD }));
    assert.deepEqual(slot().slice(0, 2), ['settled', digestOf(OLD)]);
  });

  rule('what it never had before us is taken away again', async ({ fleet, agent, slot }) => {
    put(fleet, null, NEW);
    const all = (await agent.sayFull(NONE)).packagesAvailable?.allPackagesHash ?? new Uint8Array();
    await agent.say(statuses(all, { has: NEW, offer: NEW }));
    assert.deepEqual(slot().slice(0, 2), ['settled', digestOf(NEW)]);
    put(fleet, null, null);
    assert.deepEqual(offered(await told(agent)), [], 'an offer of nothing');
    await agent.say(NONE);
    assert.deepEqual(slot().slice(0, 2), ['settled', null]);
  });

  rule('law 5: a package that we did not give is never put at risk by an offer', async ({ fleet, agent, slot }) => {
    put(fleet, null, NEW);
    const own = statuses(new Uint8Array(), { has: 'what its distribution installed' });
    assert.equal((await agent.sayFull(own)).packagesAvailable, undefined);
    assert.equal(slot()[0], 'failed');
    assert.match(String(slot()[2]), /which Ringfence did not give it.*nothing was begun/);
  });

  rule('law 2: who does not say which packages it has is not offered any', async ({ fleet, agent, slot }) => {
    put(fleet, null, NEW);
    assert.equal((await agent.sayFull()).packagesAvailable, undefined);
    assert.match(String(slot()[2]), /has not said which packages it has/);
    agent.capabilities = BigInt(AgentCapability.REPORTS_STATUS | AgentCapability.ACCEPTS_PACKAGES);
    assert.equal((await agent.say(NONE)).packagesAvailable, undefined);
    assert.match(String(slot()[2]), /does not say what becomes of its packages/);
  });

  rule('who was never offered anything is left alone', async ({ fleet, agent, slot }) => {
    put(fleet, null, null);
    const own = statuses(new Uint8Array(), { has: 'its own' });
    assert.equal((await agent.sayFull(own)).packagesAvailable, undefined);
    assert.equal(slot()[0], 'settled');
  });
});

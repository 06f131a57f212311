import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { signingKey } from '../../adapters/signing/ed25519.ts';
import type { PermitRefusal } from '../../core/policy/permit.ts';
import type { AgentSpec } from '../../wire/manifest/agent.ts';
import { type AgentBench, agentBench, DIGESTS } from './testing/agentBench.ts';
import type { Order } from './testing/benchFleet.ts';

const publicKey = (seed: number) => signingKey(Buffer.alloc(32, seed)).publicKey;

async function bench(test: TestContext, more: Partial<AgentSpec> = {}): Promise<AgentBench> {
  const made = await agentBench(test);
  made.spec = { ...made.spec, ...more };
  return made;
}

async function met(test: TestContext, more: Partial<AgentSpec> = {}): Promise<AgentBench> {
  const made = await bench(test, more);
  await made.startAgent();
  await made.reported('it has met its server', ({ phase, verifiedBy }) => phase === 'settled' && verifiedBy !== '');
  return made;
}

async function refuses(made: AgentBench, order: Order, code: PermitRefusal, says: RegExp): Promise<void> {
  const generation = made.fleet.order({ candidate: DIGESTS.good, ...order });
  const slot = await made.reported(code, (each) => each.generation === generation && each.refusal !== undefined);
  assert.deepEqual([slot.refusal?.code, slot.phase, slot.current], [code, 'settled', DIGESTS.old]);
  assert.match(slot.refusal?.says ?? '', says);
  assert.equal(made.inFile(), 'old');
  assert.deepEqual(readdirSync(join(made.spec.directory, 'kept')), [], 'not even a copy was fetched');
}

async function follows(made: AgentBench, order: Order): Promise<void> {
  made.fleet.order({ candidate: DIGESTS.good, ...order });
  await made.reported('it follows', ({ phase, current }) => phase === 'settled' && current === DIGESTS.good);
}

describe('law 23: a real agent and the permits of a real server', { concurrency: 3 }, () => {
  it('takes nothing without one', async (test) => {
    const made = await met(test);
    await refuses(made, { permit: null }, 'no-permit', /ordered without a permit/);
    await refuses(made, { permit: (permit) => ({ ...permit, role: 'api' }) }, 'wrong-role', /api, this is web/);
    await refuses(made, { permit: (permit) => ({ ...permit, openings: [] }) }, 'wrong-openings', /ordered: canary/);
    await follows(made, {});
  });

  it('goes back without one', async (test) => {
    const made = await met(test);
    await follows(made, {});
    made.fleet.order({ permit: null });
    await made.reported('law 5', ({ phase, current }) => phase === 'settled' && current === DIGESTS.old);
  });

  it('a last known good that was never here needs proof', async (test) => {
    const made = await met(test);
    await refuses(
      made,
      { candidate: null, lastKnownGood: DIGESTS.good, permit: null },
      'no-permit',
      /finished a rollout/,
    );
    made.fleet.order({ lastKnownGood: DIGESTS.good });
    await made.reported('with it', ({ phase, current }) => phase === 'settled' && current === DIGESTS.good);
  });

  it('a target that is never first refuses a first stage that takes it in: a control plane that lost its rings', async (test) => {
    const made = await met(test, { guard: { neverFirst: true } });
    await refuses(made, { targets: {} }, 'never-first', /"canary" is the first stage of shop-1 and takes it in/);
  });

  it('trusts the keys of the first server it meets, and no others after that, also over a restart', async (test) => {
    const made = await bench(test);
    const first = await made.startAgent();
    await made.reported('met', ({ verifiedBy }) => verifiedBy !== '');
    await first.stop();
    made.fleet.useKeys([2]);
    await made.startAgent();
    await refuses(made, {}, 'unknown-key', /signed with a key that is not trusted here/);
  });

  it('takes a new key that a trusted one announces, without a stop, and refuses one that is retired', async (test) => {
    const made = await met(test);
    made.fleet.useKeys([1, 2]);
    await refuses(made, { key: 0, permit: (permit) => ({ ...permit, role: 'api' }) }, 'wrong-role', /api/);
    made.fleet.useKeys([1, 2], [1]);
    await refuses(made, { key: 0, rollout: 'shop-2' }, 'retired-key', /signed with a retired key/);
    made.fleet.useKeys([1, 2]);
    await refuses(made, { key: 0, rollout: 'shop-3' }, 'retired-key', /retired/);
    await follows(made, { key: 1, rollout: 'shop-4' });
  });

  it('goes by pinned keys from the first contact on', async (test) => {
    const made = await met(test, { trust: { keys: [publicKey(2)], keysFile: null } });
    await refuses(made, {}, 'unknown-key', /not trusted here/);
    made.fleet.useKeys([2]);
    await follows(made, { rollout: 'shop-2' });
  });

  it('reads pinned keys from a file, and does not start with one that holds none', async (test) => {
    const made = await bench(test);
    const keysFile = join(made.folder, 'keys');
    made.spec = { ...made.spec, trust: { keys: [], keysFile } };
    writeFileSync(keysFile, '# nobody yet\n');
    await assert.rejects(made.startAgent(), /keys \(trust.keysFile\) holds no key/);
    writeFileSync(keysFile, 'abc\n');
    await assert.rejects(made.startAgent(), /keys:1: found "abc", expected a public key: 64 hexadecimal digits/);
    writeFileSync(keysFile, `${publicKey(1)}  # the server\n`);
    await made.startAgent();
    await follows(made, {});
  });

  it('does not start on a damaged record of whom it trusts', async (test) => {
    const made = await bench(test);
    const agent = await made.startAgent();
    await made.reported('met', ({ verifiedBy }) => verifiedBy !== '');
    await agent.stop();
    const record = join(made.spec.directory, 'slots', 'trust.json');
    writeFileSync(record, readFileSync(record, 'utf8').replace('"keys"', '"kezs"'));
    await assert.rejects(made.startAgent(), /trust.json is not as it was written/);
    rmSync(record);
    await made.startAgent();
  });

  it('expires by the clock of the server', async (test) => {
    const made = await met(test);
    await refuses(made, { permit: (permit) => ({ ...permit, expires: permit.issued - 1 }) }, 'expired', /has expired/);
  });
});

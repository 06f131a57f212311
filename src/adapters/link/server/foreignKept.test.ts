import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Digest } from '../../../core/kernel/digest.ts';
import type { AssignmentSet } from '../../../engine/ports/fleet.ts';
import { AgentCapability, RemoteConfigState } from '../../../wire/opamp/generated/opamp_pb.ts';
import { desiredConfig } from './foreignConfig.ts';
import { configToOffer, remember } from './foreignOffer.ts';
import { foreignReport } from './foreignReport.ts';
import { type ForeignMemory, type ForeignState, NO_MEMORY, UNHEARD } from './foreignState.ts';

const digest = (text: string): Digest => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const [GOOD, MOVED] = [digest('good'), digest('moved')];
const target = { uid: 'ab'.repeat(16), name: 'c-1', service: 'c', role: 'gateway', labels: { ring: 'canary' } };

function documents(generation: number, forward: boolean): AssignmentSet {
  const openings = [{ stage: 'canary', targets: { ring: ['canary'] }, below: 1 }];
  const candidate = forward ? { rollout: 'c-1', change: digest('change'), artifact: MOVED, openings } : null;
  const assignment = { service: 'c', role: 'gateway', slot: 'config/main', generation, lastKnownGood: GOOD, candidate };
  return {
    service: 'c',
    role: 'gateway',
    assignments: [{ ...assignment, kept: [MOVED] }],
    watches: {},
    confirmWithinMs: 1_000,
    permits: [],
    keys: [],
    serverTime: 0,
  };
}

const FORWARD = documents(10, true);
const STOPPED = documents(20, false);
const hashOf = (set: AssignmentSet) => desiredConfig(set, target).hash;
const REPORTS = BigInt(AgentCapability.ACCEPTS_REMOTE_CONFIG | AgentCapability.REPORTS_REMOTE_CONFIG);
const BY_EFFECT = BigInt(AgentCapability.ACCEPTS_REMOTE_CONFIG | AgentCapability.REPORTS_EFFECTIVE_CONFIG);

function after(state: Partial<ForeignState>, before: ForeignMemory = NO_MEMORY) {
  const heard: ForeignState = { ...UNHEARD, capabilities: REPORTS, ...state };
  const memory = remember(before, heard, STOPPED, target);
  return {
    offer: configToOffer(memory, heard, STOPPED, target, 0, 30_000)?.hash ?? null,
    current: foreignReport(memory, heard, STOPPED, target).slots[0]?.current ?? null,
  };
}

describe('law 6: what cannot be undone, on an agent that is not ours', () => {
  test('is left with who has applied it, also by a server that has just started', () => {
    const applied = { hash: hashOf(FORWARD), state: RemoteConfigState.APPLIED };
    assert.deepEqual(after(applied), { offer: null, current: MOVED });
    const memory = remember(NO_MEMORY, { ...UNHEARD, capabilities: REPORTS, ...applied }, FORWARD, target);
    assert.deepEqual(after(applied, memory), { offer: null, current: MOVED });
  });

  test('is left with who is about to apply it, and not with who could not', () => {
    assert.equal(after({ hash: hashOf(FORWARD), state: RemoteConfigState.APPLYING }).offer, null);
    assert.equal(after({ hash: hashOf(FORWARD), state: RemoteConfigState.FAILED }).offer, hashOf(STOPPED));
  });

  test('is left with who runs with it and names no hash', () => {
    const runs = { capabilities: BY_EFFECT, effective: new Map([['', MOVED]]) };
    assert.deepEqual(after(runs), { offer: null, current: MOVED });
  });

  test('is not offered to who does not have it', () => {
    assert.equal(after({}).offer, hashOf(STOPPED));
    assert.notEqual(hashOf(STOPPED), hashOf(FORWARD));
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventData, EventType } from '../src/core/record/event.ts';
import type { EventBody } from '../src/wire/http/log.ts';
import { toEntries } from './eventWords.ts';

test('every type of event on the record has words of its own', () => {
  const digest = `sha256:${'1'.repeat(64)}`;
  const named = { name: 'N', digest };
  const id = 'shop-1';
  const samples: {
    readonly [T in EventType]: readonly [data: { readonly [K in keyof EventData[T]]?: unknown }, says: string];
  } = {
    ServiceApplied: [{ service: named }, 'service N registered'],
    PipelineApplied: [{ pipeline: named }, 'pipeline N registered'],
    ChangeApplied: [{ change: named }, 'change N (111111111111) registered'],
    FreezeApplied: [{ freeze: { name: 'N', reason: 'why' } }, 'freeze N is on the calendar: why'],
    FreezeRemoved: [{ name: 'N' }, 'freeze N is off the calendar'],
    CatalogApplied: [{ catalog: { name: 'N', source: 'F' } }, 'catalogue N taken in from F'],
    CatalogRemoved: [{ name: 'N' }, 'catalogue N forgotten'],
    TargetEnrolled: [{ target: named }, 'target N enrolled'],
    TargetRetired: [{ uid: 'abcdef0123' }, 'target abcdef01 retired'],
    TokenIssued: [{ token: { role: 'agent', name: 'N' } }, 'agent token "N" issued'],
    TokenRevoked: [{ id: 't1' }, 'token t1 revoked'],
    SigningKeyAdded: [{ key: { id: 'k1' } }, 'signing key k1 added'],
    SigningKeyRetired: [{ id: 'k1' }, 'signing key k1 retired'],
    CheckpointSigned: [{ checkpoint: { document: { position: 7 } } }, 'the record up to event 7 was signed'],
    LineHalted: [{ reason: 'why' }, 'the line was halted: why'],
    LineLifted: [{}, 'the halt was lifted'],
    ApprovalGiven: [{ plan: named, before: 'start', person: 'ann' }, 'ann approved N before it starts'],
    ApprovalRejected: [
      { plan: { ...named, rollout: id }, before: 'broad', person: 'ann', reason: 'why' },
      'ann rejected shop-1 before broad: why',
    ],
    ApprovalWithdrawn: [
      { plan: named, before: 'broad', person: 'ann' },
      'ann took back what they said of N before broad',
    ],
    BreakGlassAsked: [{ plan: named, person: 'ann', reason: 'why' }, 'ann asked for break-glass for N: why'],
    BreakGlassConfirmed: [{ plan: named, person: 'bob' }, 'bob confirmed break-glass for N'],
    BreakGlassEnded: [{ plan: named, person: 'ann' }, 'ann ended break-glass for N'],
    BreakGlassUsed: [{ id, gates: ['frozen', 'line-halted'] }, 'shop-1 went past frozen, line-halted by break-glass'],
    RolloutStarted: [{ id, change: named }, 'shop-1 started: N'],
    WaveOpened: [{ id, stage: 0, wave: 1 }, 'shop-1 opened canary, wave 2 (5 targets)'],
    ReleaseWidened: [{ id, targets: 2 }, 'shop-1 goes back on 2 more targets'],
    WaveWidened: [{ id, targets: 3 }, 'shop-1 goes on with 3 targets'],
    PaceChanged: [
      { id, pace: { concurrency: 2, says: 'halved from 4: 1 target failed', slower: true } },
      'shop-1: at most 2 targets at once: halved from 4: 1 target failed',
    ],
    RehearsalStarted: [{ id }, 'shop-1 rehearses the way back'],
    RehearsalProved: [{ id, targets: 2 }, 'shop-1 went back as rehearsed (2 targets)'],
    BakeStarted: [{ id, stage: 0 }, 'shop-1 bakes in canary'],
    StagePassed: [{ id, stage: 1 }, 'shop-1 passed stage 2'],
    EvidenceSigned: [{ id, stage: 0, role: 'web' }, 'shop-1: the evidence of canary on web was signed'],
    EvidenceRevoked: [{ id, stage: 0, reason: 'why' }, 'shop-1: the evidence of canary was revoked: why'],
    PermitIssued: [{ id, role: 'web' }, 'shop-1: web was given its permit'],
    HoldRaised: [{ id, reason: 'no-data', says: 'why' }, 'shop-1 holds: why'],
    HoldLifted: [{ id, reason: 'no-data' }, 'shop-1: no longer held by no-data'],
    HoldsAccepted: [{ id, reasons: ['signal-failed'] }, 'shop-1: held reasons were accepted'],
    TargetsFailed: [{ id, count: 1 }, 'shop-1: 1 target failed'],
    RolloutPaused: [{ id, reason: 'why' }, 'shop-1 was paused: why'],
    RolloutResumed: [{ id }, 'shop-1 was resumed'],
    RollbackOrdered: [{ id, says: 'why' }, 'shop-1 goes back: why'],
    DigestQuarantined: [{ id, change: digest }, 'change 111111111111 is in quarantine'],
    StragglersListed: [{ id, count: 2 }, 'shop-1: 2 targets not back in time'],
    RolledBack: [{ id }, 'shop-1 is back: every target holds what it held before'],
    RolloutCompleted: [{ id }, 'shop-1 completed: its change is the last known good'],
  };
  const waves = [2, 5].map((targets) => ({ below: 1, targets }));
  const entry = (type: string, data: EventBody['data']) => {
    const event = { position: 1, stream: 's', type, at: '', actor: 'engine', data, previousHash: '', hash: '' };
    return toEntries([event], () => [{ name: 'canary', targets: 5, waves }])[0]?.says;
  };
  for (const [type, [data, says]] of Object.entries(samples)) assert.equal(entry(type, data), says);
  assert.equal(entry('SomethingLater', { id }), 'SomethingLater (shop-1)');
});

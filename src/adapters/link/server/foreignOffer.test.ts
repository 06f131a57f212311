import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Digest } from '../../../core/kernel/digest.ts';
import type { Candidate } from '../../../core/rollout/assignment.ts';
import type { AssignmentSet, SlotReport } from '../../../engine/ports/fleet.ts';
import { AgentCapability, RemoteConfigState } from '../../../wire/opamp/generated/opamp_pb.ts';
import { desiredConfig } from './foreignConfig.ts';
import { configToOffer, remember } from './foreignOffer.ts';
import { foreignReport } from './foreignReport.ts';
import { type ForeignMemory, type ForeignState, NO_MEMORY, UNHEARD } from './foreignState.ts';

const digest = (text: string): Digest => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const target = {
  uid: 'ab'.repeat(16),
  name: 'collector-1',
  service: 'collector',
  role: 'gateway',
  labels: { ring: 'canary' },
};
const GOOD = digest('good');
const NEW = digest('new');

/** The role's only slot, `config/main`. Each call is a later document. */
let position = 100;
function documents(lastKnownGood: Digest | null, candidate: Digest | null, kind = 'config'): AssignmentSet {
  position += 10;
  const openings = [{ stage: 'canary', targets: { ring: ['canary'] }, below: 1 }];
  const forward: Candidate | null = candidate && {
    rollout: 'collector-1',
    change: digest('change'),
    artifact: candidate,
    openings,
  };
  const assignment = {
    service: 'collector',
    role: 'gateway',
    slot: `${kind}/main`,
    generation: position,
    lastKnownGood,
    candidate: forward,
  };
  return {
    service: 'collector',
    role: 'gateway',
    assignments: [assignment],
    watches: {},
    confirmWithinMs: 1000,
    permits: [],
    keys: [],
    serverTime: 0,
  };
}

const REPORTS = BigInt(AgentCapability.ACCEPTS_REMOTE_CONFIG | AgentCapability.REPORTS_REMOTE_CONFIG);
const BY_EFFECT = BigInt(AgentCapability.ACCEPTS_REMOTE_CONFIG | AgentCapability.REPORTS_EFFECTIVE_CONFIG);

/** The server's side of one agent: what it hears, offers and reports, at a clock that only goes on when told. */
class Desk {
  memory: ForeignMemory = NO_MEMORY;
  state: ForeignState = UNHEARD;
  set: AssignmentSet;
  now = 0;

  constructor(set: AssignmentSet, capabilities: bigint) {
    this.set = set;
    this.hear({ capabilities });
  }
  hear(change: Partial<ForeignState>): this {
    this.state = { ...this.state, ...change };
    this.memory = remember(this.memory, this.state, this.set, target);
    return this;
  }
  publish(set: AssignmentSet): this {
    this.set = set;
    return this.hear({});
  }
  /** What an answer would carry now. */
  offer(): string | null {
    const config = configToOffer(this.memory, this.state, this.set, target, this.now, 30_000);
    if (config === null) return null;
    this.memory = { ...this.memory, offered: { hash: config.hash, at: this.now } };
    return config.hash;
  }
  get hash(): string {
    return desiredConfig(this.set, target).hash;
  }
  get slot(): SlotReport {
    const slot = foreignReport(this.memory, this.state, this.set, target).slots[0];
    assert.ok(slot);
    return slot;
  }
  get generation(): number {
    return this.set.assignments[0]?.generation ?? 0;
  }
}

describe('an agent that reports the status of its remote configuration', () => {
  test('is offered what it is to hold, once, and is settled when it says so', () => {
    const desk = new Desk(documents(null, NEW), REPORTS);
    assert.equal(desk.offer(), desk.hash);
    assert.equal(desk.offer(), null, 'not again in the next answer');
    desk.hear({ hash: desk.hash, state: RemoteConfigState.APPLYING });
    assert.deepEqual([desk.slot.phase, desk.slot.current], ['applying', null]);
    desk.hear({ hash: desk.hash, state: RemoteConfigState.APPLIED });
    assert.deepEqual([desk.slot.phase, desk.slot.current, desk.slot.generation], ['settled', NEW, desk.generation]);
    assert.equal(desk.offer(), null);
  });

  test('is offered again when it says nothing, but never in a loop', () => {
    const desk = new Desk(documents(null, NEW), REPORTS);
    assert.ok(desk.offer());
    for (desk.now = 0; desk.now < 30_000; desk.now += 1_000) assert.equal(desk.offer(), null);
    assert.ok(desk.offer());
  });

  test('is not offered again what it could not apply, until something else is desired', () => {
    const desk = new Desk(documents(GOOD, null), REPORTS);
    desk.offer();
    desk.hear({ hash: desk.hash, state: RemoteConfigState.APPLIED }).publish(documents(GOOD, NEW));
    const hash = desk.offer();
    assert.ok(hash);
    desk.hear({ hash, state: RemoteConfigState.FAILED, error: 'line 7: no' });
    const { phase, failed, failureCode, failure, current } = desk.slot;
    assert.deepEqual(
      { phase, failed, failureCode, failure, current },
      {
        phase: 'failed',
        failed: NEW,
        failureCode: 'apply-failed',
        failure: 'line 7: no',
        current: GOOD,
      },
    );
    desk.now += 1_000_000;
    assert.equal(desk.offer(), null, 'however long one waits');
    desk.hear({ hash: '', state: RemoteConfigState.UNSET, error: '' });
    assert.deepEqual([desk.offer(), desk.slot.phase], [null, 'failed'], 'even when it forgot');
    desk.publish(documents(GOOD, null));
    assert.ok(desk.offer(), 'the way back');
    desk.publish(documents(GOOD, NEW));
    assert.ok(desk.offer(), 'a new roll-out of the same bytes');
  });

  test('law 7: goes back to its baseline by an empty configuration, and is back when it has applied that', () => {
    const desk = new Desk(documents(null, NEW), REPORTS);
    desk.hear({ hash: desk.offer() ?? '', state: RemoteConfigState.APPLIED });
    desk.publish(documents(null, null));
    assert.deepEqual(
      [desk.slot.current, desk.slot.generation < desk.generation],
      [NEW, true],
      'still holds it, and does not look as if it had heard',
    );
    const empty = desk.offer();
    assert.ok(empty);
    desk.hear({ hash: empty, state: RemoteConfigState.APPLIED });
    assert.deepEqual([desk.slot.phase, desk.slot.current, desk.slot.generation], ['settled', null, desk.generation]);
  });

  test('is offered the way back by a server that forgot what it had offered', () => {
    const before = new Desk(documents(null, NEW), REPORTS);
    const hash = before.offer() ?? '';
    const after = new Desk(documents(null, null), REPORTS).hear({ hash, state: RemoteConfigState.APPLIED });
    assert.equal(after.slot.phase, 'applying', 'nobody knows what it holds');
    assert.equal(after.offer(), after.hash);
  });

  test('is left alone as long as nothing was ever rolled out to it', () => {
    const desk = new Desk(documents(null, null), REPORTS);
    assert.deepEqual([desk.offer(), desk.slot.phase, desk.slot.current], [null, 'settled', null]);
  });

  test('is recognised on the last known good by its hash alone', () => {
    const hash = new Desk(documents(GOOD, null), REPORTS).hash;
    const desk = new Desk(documents(GOOD, NEW), REPORTS).hear({ hash, state: RemoteConfigState.APPLIED });
    assert.equal(desk.slot.current, GOOD);
  });
});

describe('an agent that only reports its effective configuration', () => {
  const runs = (...files: [name: string, body: string][]) => ({
    effective: new Map(files.map(([name, body]): [string, Digest] => [name, digest(body)])),
  });

  test('is settled when it runs with the bytes', () => {
    const desk = new Desk(documents(null, NEW), BY_EFFECT).hear(runs(['own.yaml', 'its own']));
    assert.ok(desk.offer());
    assert.equal(desk.slot.phase, 'applying');
    desk.hear(runs(['own.yaml', 'new']));
    assert.deepEqual([desk.slot.phase, desk.slot.current, desk.slot.baseline], ['settled', NEW, digest('its own')]);
    desk.now += 60_000;
    assert.equal(desk.offer(), null);
  });

  test('law 7: is back when it runs with what it ran with before', () => {
    const desk = new Desk(documents(null, NEW), BY_EFFECT).hear(runs(['', 'its own']));
    desk.offer();
    desk.hear(runs(['', 'new'])).publish(documents(null, null));
    assert.ok(desk.offer());
    assert.equal(desk.slot.phase, 'applying');
    desk.hear(runs(['', 'its own']));
    assert.deepEqual([desk.slot.phase, desk.slot.current, desk.offer()], ['settled', digest('its own'), null]);
  });

  test('law 2: is not believed to be back by a server that does not know what it ran with before', () => {
    const desk = new Desk(documents(null, null), BY_EFFECT).hear(runs(['', 'new']));
    assert.equal(desk.slot.phase, 'applying');
  });
});

const refused: readonly [why: string, capabilities: bigint, kind: string][] = [
  ['does not accept configuration', BigInt(AgentCapability.REPORTS_REMOTE_CONFIG), 'config'],
  ['could not be verified afterwards', BigInt(AgentCapability.ACCEPTS_REMOTE_CONFIG), 'config'],
  ['is to hold something else than configuration', REPORTS, 'package'],
];

for (const [why, capabilities, kind] of refused) {
  test(`nothing is begun on an agent that ${why}: it fails at once and says so`, () => {
    const desk = new Desk(documents(null, NEW, kind), capabilities);
    assert.equal(desk.offer(), null);
    assert.deepEqual([desk.slot.phase, desk.slot.failureCode], ['failed', 'prepare-failed']);
    desk.publish(documents(null, null, kind));
    assert.equal(desk.slot.phase, 'settled', 'and is none the worse for it');
  });
}

test('an agent that withdraws a capability is not used by it any more', () => {
  const desk = new Desk(documents(null, NEW), REPORTS);
  desk.offer();
  desk.hear({ capabilities: 0n }).publish(documents(null, null));
  assert.deepEqual([desk.offer(), desk.slot.phase], [null, 'applying'], 'it may hold anything now');
});

test('file names: empty for the only one, else what stands after the slash; the hash is that of the files', () => {
  const one = documents(GOOD, null);
  const other = { ...documents(NEW, null).assignments[0], slot: 'config/extra' };
  assert.ok(one.assignments[0] !== undefined && other.service !== undefined);
  const two = { ...one, assignments: [one.assignments[0], other as (typeof one.assignments)[number]] };
  const names = (set: AssignmentSet) => desiredConfig(set, target).files.map(({ name }) => name);
  assert.deepEqual([names(one), names(two)], [[''], ['main', 'extra']]);
  assert.equal(
    desiredConfig(one, target).hash,
    desiredConfig(documents(GOOD, null), target).hash,
    'the generation is not in it',
  );
  assert.notEqual(desiredConfig(one, target).hash, desiredConfig(documents(NEW, null), target).hash);
});

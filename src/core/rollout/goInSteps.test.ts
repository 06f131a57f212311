import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Assessment } from './assessment.ts';
import { beginRelease } from './beginRelease.ts';
import type { Border } from './border.ts';
import { decideRollout } from './decideRollout.ts';
import { assess, decide } from './decisions.ts';
import type { DomainStanding } from './domainBook.ts';
import { after, assessment, CHANGE, pipeline, recorded, rolloutOf, stage, tally } from './fixtures.ts';
import { aheadOf } from './openAhead.ts';
import type { Rollout } from './rollout.ts';
import type { Tally } from './tally.ts';

const FULL: DomainStanding = {
  ...{ role: 'web', value: 'a', targets: 4, unavailable: 2, budget: 1 },
  names: ['shop-1', 'shop-5'],
};
const [ALL, SOME, NONE]: Border[] = [
  { below: 1, targets: 1, stop: null },
  { below: 0.5, targets: 1, stop: { kind: 'domain', key: 'web\na' } },
  { below: 0, targets: 0, stop: { kind: 'domain', key: 'web\na' } },
];
const FREEZE = { freeze: 'weekend', starts: 0, ends: 1e12, reason: 'nobody is here', local: { starts: '', ends: '' } };

/** What is known where the part ahead can be opened this far. */
function known(rollout: Rollout, border: Border | undefined, more: Partial<Tally> = {}): Partial<Assessment> {
  const ahead = aheadOf(rollout);
  assert.ok(ahead !== null && border !== undefined);
  const full = border.stop?.kind === 'domain' ? FULL : null;
  return { tally: tally(more), ahead: { ...ahead, border, full } };
}

/** Rolling in the first stage, whose wave is open half-way. */
function halfOpen(more: Parameters<typeof pipeline>[0] = {}): Rollout {
  const rollout = rolloutOf(pipeline(more));
  return after(rollout, [
    { type: 'WaveOpened', data: { id: 'shop-1', stage: 0, wave: 0, below: 0.25, absent: [], returned: [] } },
  ]);
}

const asks = (rollout: Rollout, given: Partial<Assessment>, now = 1_000) => decide(rollout, assess(given), now);

describe('a wave that goes in steps', () => {
  const rollout = halfOpen();
  const cases: readonly (readonly [string, Partial<Assessment>, readonly string[]])[] = [
    ['goes on while its first targets are under way', known(rollout, ALL, { underway: 1, moving: 1 }), ['WaveWidened']],
    ['goes on as far as there is room', known(rollout, SOME), ['WaveWidened']],
    ['waits for those under way to make room', known(rollout, NONE, { underway: 1, moving: 1 }), []],
    ['waits rather than take a small step', known(rollout, SOME, { underway: 4, moving: 4 }), []],
    ['law 11: holds by name where nobody will make room', known(rollout, NONE), ['HoldRaised no-capacity']],
    [
      'waits for what is ahead to be known',
      { ...known(rollout, ALL), ahead: { ...(known(rollout, ALL).ahead ?? assert.fail()), from: 0.1 } },
      [],
    ],
    [
      'law 14: does not go on while the line is halted',
      { ...known(rollout, ALL), lineHalted: true },
      ['HoldRaised line-halted'],
    ],
    ['law 14: does not go on in a freeze', { ...known(rollout, ALL), freezes: [FREEZE] }, ['HoldRaised frozen']],
    [
      'law 23: does not go on while its permit is refused',
      known(rollout, ALL, { refused: 1 }),
      ['HoldRaised permit-refused'],
    ],
    [
      'law 12: does not go on while targets are under way beyond their deadline',
      known(rollout, ALL, { underway: 1, moving: 1, slow: 1, slowNames: ['shop-0'] }),
      ['HoldRaised slow-path'],
    ],
    ['is not over before all of it is open', known(rollout, SOME, { underway: 0 }), ['WaveWidened']],
  ];
  for (const [why, given, expected] of cases) it(why, () => assert.deepEqual(asks(rollout, given).says, expected));

  it('stays paused', () => {
    const paused = after(rollout, [{ type: 'RolloutPaused', data: { id: 'shop-1', reason: '' } }]);
    assert.deepEqual(asks(paused, known(paused, ALL)).says, []);
  });

  it('law 11: says which domain has no room, how many are away, and who', () => {
    const { rollout: held } = asks(rollout, known(rollout, NONE));
    assert.deepEqual(held.holds, ['no-capacity']);
    const event = decideEvents(rollout, known(rollout, NONE)).at(-1);
    assert.ok(event?.type === 'HoldRaised');
    assert.equal(event.data.says, 'no room in web in "a": 2 of 4 unavailable (shop-1, shop-5), at most 1 may be');
    assert.deepEqual(asks(held, known(held, ALL)).says, ['HoldLifted no-capacity', 'WaveWidened']);
  });

  it('law 12: a slow path is no failure of the change: the rollout goes on when it has come through', () => {
    const slow = asks(rollout, known(rollout, ALL, { underway: 1, moving: 1, slow: 1, slowNames: ['shop-0'] }), 90_000);
    assert.equal(slow.rollout.rollback, null);
    const event = decideEvents(rollout, known(rollout, ALL, { underway: 1, slow: 1, slowNames: ['shop-0'] })).at(-1);
    assert.ok(event?.type === 'HoldRaised');
    assert.equal(
      event.data.says,
      'shop-0 under way for longer than 20s; nothing more is ordered until they come to rest',
    );
    assert.deepEqual(asks(slow.rollout, known(rollout, ALL)).says, ['HoldLifted slow-path', 'WaveWidened']);
  });

  it('law 2: a stage passes where its successor has no room, and that is held', () => {
    const baking = after(rolloutOf(), [{ type: 'BakeStarted', data: { id: 'shop-1', stage: 0 } }]);
    const passed = asks(baking, known(baking, { ...NONE, below: 0 } as Border), 10_000);
    assert.deepEqual(passed.says, ['StagePassed']);
    assert.deepEqual(asks(passed.rollout, known(passed.rollout, NONE), 10_000).says, ['HoldRaised no-capacity']);
    assert.deepEqual(asks(passed.rollout, known(passed.rollout, SOME), 10_000).says, ['WaveOpened 1.0']);
  });

  it('law 11: nor does a person open a stage that has no room', () => {
    const manual = pipeline({ stages: [stage('canary', { promote: 'manual' }), stage('pilot')] });
    const baking = after(rolloutOf(manual), [{ type: 'BakeStarted', data: { id: 'shop-1', stage: 0 } }]);
    const { rollout: ready } = asks(baking, {}, 10_000);
    const input = { type: 'promote', assessment: assessment(known(ready, NONE)) } as const;
    assert.deepEqual(decide(ready, input, 10_000).says, ['refused not-possible-now']);
  });

  function decideEvents(given: Rollout, more: Partial<Assessment>) {
    const decided = decideRollout(given, assess(more), 1_000);
    assert.ok(decided.ok);
    return decided.value;
  }
});

describe('law 12: the pace of a stage', () => {
  const paced = pipeline({
    stages: [stage('canary', { concurrency: { start: { count: 1 }, most: { count: 2 } } }), stage('pilot')],
  });
  const pace = { concurrency: 1, says: 'x', confirmed: 0, failed: 0, slow: 0, usualMs: null, slower: false };

  it('is on the record, with its reason, and so survives a restart', () => {
    const start = after(rolloutOf(paced), [
      { type: 'WaveOpened', data: { id: 'shop-1', stage: 0, wave: 0, below: 0.5, absent: [], returned: [], pace } },
    ]);
    assert.equal(start.pace?.concurrency, 1);
    const grown = asks(start, { ...known(start, NONE, { confirmed: 1 }), latenciesMs: [900, 900, 900] });
    assert.deepEqual(grown.says.slice(0, 1), ['PaceChanged']);
    assert.equal(grown.rollout.pace?.concurrency, 2);
    assert.equal(grown.rollout.pace?.usualMs, 900);
    assert.match(grown.rollout.pace?.says ?? '', /1 confirmed without trouble/);
  });

  it('is halved once by targets that are under way beyond their deadline', () => {
    const start = after(rolloutOf(paced), [
      {
        type: 'WaveOpened',
        data: {
          id: 'shop-1',
          stage: 0,
          wave: 0,
          below: 0.5,
          absent: [],
          returned: [],
          pace: { ...pace, concurrency: 2 },
        },
      },
    ]);
    const slow = { underway: 1, moving: 1, slow: 1, slowNames: ['shop-0'] };
    const halved = asks(start, known(start, NONE, slow), 90_000);
    assert.deepEqual(halved.says, ['PaceChanged', 'HoldRaised slow-path']);
    assert.equal(halved.rollout.pace?.concurrency, 1);
    assert.deepEqual(asks(halved.rollout, known(start, NONE, slow), 95_000).says, [], 'one trouble halves once');
  });

  it('nothing opens in the same breath in which it was made slower: that would go by the pace before', () => {
    const start = after(rolloutOf(paced), [
      {
        type: 'WaveOpened',
        data: {
          ...{ id: 'shop-1', stage: 0, wave: 0, below: 0.5, absent: [], returned: [] },
          pace: { ...pace, concurrency: 2, usualMs: 500 },
        },
      },
    ]);
    const slow = { ...known(start, ALL, { confirmed: 1 }), latenciesMs: [9_000, 9_000, 9_000] };
    const halved = asks(start, slow, 30_000);
    assert.deepEqual(halved.says, ['PaceChanged']);
    assert.equal(halved.rollout.pace?.concurrency, 1);
    assert.deepEqual(
      asks(halved.rollout, { ...slow, latenciesMs: [] }, 31_000).says,
      ['WaveWidened'],
      'and then it goes on',
    );
  });

  it('of a stage does not answer for what failed in the stages before', () => {
    const both = pipeline({
      stages: ['canary', 'pilot'].map((name) =>
        stage(name, { concurrency: { start: { count: 4 }, most: { count: 8 } }, tolerateFailures: 1 }),
      ),
    });
    const baking = after(rolloutOf(both), [{ type: 'BakeStarted', data: { id: 'shop-1', stage: 0 } }]);
    const failed = { failed: 1, failures: [{ target: 'shop-0', code: 'apply-failed', says: '' }] };
    const { rollout: opened } = asks(baking, known(baking, SOME, failed), 10_000);
    assert.deepEqual([opened.stage, opened.pace?.concurrency, opened.pace?.failed], [1, 4, 1]);
    assert.equal(asks(opened, known(opened, NONE, failed), 20_000).rollout.pace?.concurrency, 4);
  });

  it('ends with its stage, where the next one asks for none', () => {
    const start = after(rolloutOf(paced), [
      { type: 'WaveOpened', data: { id: 'shop-1', stage: 0, wave: 0, below: 1, absent: [], returned: [], pace } },
      { type: 'WaveOpened', data: { id: 'shop-1', stage: 1, wave: 0, below: 1, absent: [], returned: [] } },
    ]);
    assert.equal(start.pace, null);
  });
});

describe('law 11: a way back that goes in steps', () => {
  const service = { name: 'shop', roles: [], slots: {}, metrics: {}, dependsOn: [] };
  const capacity = { domain: 'zone', unavailable: { count: 1 } };

  function goingBack(phase: 'RollbackOrdered' | 'RehearsalStarted'): Rollout {
    const event =
      phase === 'RollbackOrdered'
        ? ({ type: phase, data: { id: 'shop-1', code: 'person', says: '', verdicts: [] } } as const)
        : ({ type: phase, data: { id: 'shop-1' } } as const);
    const rollout = rolloutOf(pipeline({ rehearse: true }));
    return beginRelease(after(rollout, [event]), recorded(5, 0, event), { ...service, capacity });
  }
  const back = (border: Border | undefined, from = 0) => ({ from, border: border ?? assert.fail(), full: null });

  it('begins with nobody who is well, and with everybody where no floor is asked for', () => {
    assert.deepEqual(goingBack('RollbackOrdered').release, { below: 0, at: 0 });
    const event = { type: 'RollbackOrdered', data: { id: 'shop-1', code: 'person', says: '', verdicts: [] } } as const;
    assert.equal(beginRelease(rolloutOf(), recorded(5, 0, event), service).release, null);
    const irreversible = { reason: 'x', restore: 'y' };
    const forGood = { ...CHANGE, irreversible } as typeof CHANGE;
    const ordered = after(rolloutOf(pipeline(), forGood), [event]);
    assert.equal(beginRelease(ordered, recorded(5, 0, event), { ...service, capacity }).release, null, 'law 6');
  });

  for (const phase of ['RollbackOrdered', 'RehearsalStarted'] as const) {
    const rollout = goingBack(phase);
    const left = tally({ notBack: 2 });

    it(`${phase}: goes on as far as there is room, and waits for those under way`, () => {
      const step = asks(rollout, { tally: left, back: back(SOME) });
      assert.deepEqual(step.says, ['ReleaseWidened']);
      assert.equal(step.rollout.release?.below, 0.5);
      const waits = asks(step.rollout, { tally: tally({ notBack: 2, moving: 1 }), back: back(NONE, 0.5) });
      assert.deepEqual(waits.says, []);
      assert.deepEqual(
        asks(step.rollout, { tally: left, back: back(SOME) }).says,
        [],
        'what it knows is of the step before',
      );
    });

    it(`${phase}: law 14: nothing that holds a rollout binds it`, () => {
      const held = { tally: left, back: back(SOME), lineHalted: true, freezes: [FREEZE] };
      assert.ok(asks(rollout, held).says.includes('ReleaseWidened'));
      const paused = after(rollout, [{ type: 'RolloutPaused', data: { id: 'shop-1', reason: '' } }]);
      assert.ok(asks(paused, held).says.includes('ReleaseWidened'));
    });

    it(`${phase}: law 5: the floor gives way where there has been no room for as long as targets wait`, () => {
      const late = asks(rollout, { tally: left, back: back(NONE) }, 20_000);
      assert.deepEqual(late.says, ['ReleaseWidened']);
      assert.equal(late.rollout.release?.below, 1);
    });
  }

  it('law 6: a rehearsal is late for those who were told, not for those who wait for room', () => {
    const rollout = goingBack('RehearsalStarted');
    const stuck = { tally: tally({ notBack: 2, notBackNames: ['shop-0'], moving: 1 }), back: back(NONE) };
    assert.deepEqual(asks(rollout, stuck, 19_999).says, []);
    assert.deepEqual(asks(rollout, stuck, 20_000).says, ['RollbackOrdered rehearsal-failed', 'DigestQuarantined']);
  });

  it('a rollback that comes upon a rehearsal goes on from where that has come to', () => {
    const rehearsing = asks(goingBack('RehearsalStarted'), { tally: tally({ notBack: 2 }), back: back(SOME) }).rollout;
    const event = { type: 'RollbackOrdered', data: { id: 'shop-1', code: 'person', says: '', verdicts: [] } } as const;
    const ordered = beginRelease(after(rehearsing, [event], 7), recorded(9, 7, event), { ...service, capacity });
    assert.deepEqual(ordered.release, { below: 0.5, at: 7 });
  });

  it('law 6: goes forward again in steps as well', () => {
    const rollout = goingBack('RehearsalStarted');
    assert.deepEqual(asks(rollout, known(rollout, SOME, { notBack: 0 })).says, ['RehearsalProved', 'WaveOpened 0.0']);
    assert.deepEqual(asks(rollout, known(rollout, NONE, { notBack: 0 })).says, ['HoldRaised no-capacity']);
  });
});

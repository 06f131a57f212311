import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FreezeWindow } from '../policy/freeze.ts';
import type { DomainEvent } from '../record/event.ts';
import type { Assessment } from './assessment.ts';
import { decideRollout, type RolloutInput } from './decideRollout.ts';
import { after, assessment, pipeline, rolloutOf, stage, tally, verdict } from './fixtures.ts';
import { ROLLOUT_PHASES, type Rollout, type RolloutPhase } from './rollout.ts';
import { sayRollout } from './sayRollout.ts';

const HOUR = 3_600_000;

function window(starts: number, ends: number, freeze = 'holidays'): FreezeWindow {
  return {
    freeze,
    reason: 'nobody is at work',
    starts,
    ends,
    local: { starts: `${starts} Zone`, ends: `${ends} Zone` },
  };
}

const started = (more: Parameters<typeof pipeline>[0] = {}) => rolloutOf(pipeline(more));
const id = 'shop-1';
const passed = (rollout: Rollout): Rollout =>
  after(rollout, [
    { type: 'BakeStarted', data: { id, stage: 0 } },
    {
      type: 'StagePassed',
      data: {
        id,
        stage: 0,
        evidence: {
          change: rollout.change.digest,
          stage: 'canary',
          at: 0,
          verdicts: [],
          exposure: {},
          rehearsal: null,
        },
      },
    },
  ]);
const ordered: Parameters<typeof after>[1] = [
  { type: 'RollbackOrdered', data: { id, code: 'person', says: '', verdicts: [] } },
];

const inPhase: Readonly<Record<RolloutPhase, () => Rollout>> = {
  rolling: () => started(),
  rehearsing: () => after(started({ rehearse: true }), [{ type: 'RehearsalStarted', data: { id } }]),
  baking: () => after(started(), [{ type: 'BakeStarted', data: { id, stage: 0 } }]),
  ready: () => passed(started({ stages: [stage('canary', { promote: 'manual' }), stage('pilot')] })),
  rollingBack: () => after(started(), ordered),
  rolledBack: () => after(started(), [...ordered, { type: 'RolledBack', data: { id } }]),
  completed: () => after(started(), [{ type: 'RolloutCompleted', data: { id } }]),
};

const assess = (more: Partial<Assessment> = {}): RolloutInput => ({ type: 'assess', assessment: assessment(more) });

/** What is decided, and the rollout after it. */
function decide(
  rollout: Rollout,
  input: RolloutInput,
  now: number,
): { events: readonly DomainEvent[]; rollout: Rollout } {
  const decision = decideRollout(rollout, input, now);
  assert.ok(decision.ok, decision.ok ? '' : decision.error.says);
  return { events: decision.value, rollout: after(rollout, decision.value, now) };
}

const types = (events: readonly DomainEvent[]) => events.map(({ type }) => type);

/** Whatever lets more targets have the change, or brings that nearer. */
const FORWARD = ['WaveOpened', 'BakeStarted', 'StagePassed', 'RehearsalStarted', 'RehearsalProved', 'RolloutCompleted'];

describe('law 14: a freeze', () => {
  const freezes = [window(0, 10 * HOUR)];

  it('binds every step of a rollout under way, and says by what and until when', () => {
    for (const phase of ['rolling', 'rehearsing', 'baking', 'ready'] as const) {
      const { events, rollout } = decide(inPhase[phase](), assess({ freezes }), HOUR);
      const raised = events.find((event) => event.type === 'HoldRaised' && event.data.reason === 'frozen');
      assert.ok(raised?.type === 'HoldRaised', phase);
      assert.equal(raised.data.says, 'frozen by "holidays" (nobody is at work) until 36000000 Zone');
      assert.deepEqual(
        types(events).filter((type) => FORWARD.includes(type)),
        [],
        phase,
      );
      assert.deepEqual(types(decide(rollout, assess({ freezes }), 2 * HOUR).events), [], 'said once');
      assert.match(sayRollout(rollout, assessment({ freezes }), 2 * HOUR), /held in "canary": .*frozen by "holidays"/);
    }
  });

  it('lifts by itself at its end, not a millisecond before, and what waited goes on', () => {
    const held = decide(inPhase.rolling(), assess({ freezes }), HOUR).rollout;
    assert.deepEqual(types(decide(held, assess({ freezes }), 10 * HOUR - 1).events), []);
    assert.deepEqual(types(decide(held, assess({ freezes }), 10 * HOUR).events), ['HoldLifted', 'BakeStarted']);
  });

  it('binds from its first millisecond', () => {
    const later = [window(HOUR, 2 * HOUR)];
    assert.deepEqual(types(decide(inPhase.rolling(), assess({ freezes: later }), HOUR - 1).events), ['BakeStarted']);
    assert.deepEqual(types(decide(inPhase.rolling(), assess({ freezes: later }), HOUR).events), ['HoldRaised']);
  });

  it('deny wins: it holds until the last of several has ended, and says those that bind now', () => {
    const several = [window(0, 2 * HOUR), window(HOUR, 5 * HOUR, 'audit')];
    const held = decide(inPhase.rolling(), assess({ freezes: several }), HOUR).rollout;
    assert.match(sayRollout(held, assessment({ freezes: several }), HOUR), /"holidays" .* and by "audit" /);
    assert.deepEqual(types(decide(held, assess({ freezes: several }), 3 * HOUR).events), []);
    assert.doesNotMatch(sayRollout(held, assessment({ freezes: several }), 3 * HOUR), /holidays/);
    assert.deepEqual(types(decide(held, assess({ freezes: several }), 5 * HOUR).events), ['HoldLifted', 'BakeStarted']);
  });

  it('refuses a person who promotes, in the words in which it refuses a start', () => {
    const decision = decideRollout(inPhase.ready(), { type: 'promote', assessment: assessment({ freezes }) }, HOUR);
    assert.ok(!decision.ok);
    assert.equal(decision.error.code, 'frozen');
    assert.match(decision.error.says, /^frozen by "holidays" \(nobody is at work\) until 36000000 Zone$/);
    const open = decide(inPhase.ready(), { type: 'promote', assessment: assessment({ freezes }) }, 10 * HOUR);
    assert.deepEqual(types(open.events), ['WaveOpened']);
  });

  it('is nothing that a person can accept: resume ends a pause and opens nothing', () => {
    const held = decide(inPhase.rolling(), assess({ freezes }), HOUR).rollout;
    const refused = decideRollout(held, { type: 'resume' }, HOUR);
    assert.ok(!refused.ok && refused.error.code === 'no-evidence');
    const paused = decide(held, { type: 'pause', reason: 'lunch' }, HOUR).rollout;
    const resumed = decide(paused, { type: 'resume' }, HOUR);
    assert.deepEqual(types(resumed.events), ['RolloutResumed']);
    assert.deepEqual(types(decide(resumed.rollout, assess({ freezes }), HOUR).events), []);
  });

  it('never binds a rollback: neither a person’s, nor one that is under way', () => {
    for (const phase of ['rolling', 'rehearsing', 'baking', 'ready'] as const) {
      const held = decide(inPhase[phase](), assess({ freezes }), HOUR).rollout;
      assert.deepEqual(types(decide(held, { type: 'rollback', reason: 'now' }, HOUR).events), ['RollbackOrdered']);
    }
    assert.deepEqual(types(decide(inPhase.rollingBack(), assess({ freezes }), HOUR).events), ['RolledBack']);
  });

  it('law 22: harm counts in a freeze, with its quarantine', () => {
    const harm: readonly Partial<Assessment>[] = [
      { verdicts: [[verdict('fail')]] },
      { tally: tally({ failed: 1, failures: [{ target: 't', code: 'silent', says: 'quiet' }] }) },
    ];
    for (const phase of ['rolling', 'rehearsing', 'baking', 'ready'] as const) {
      for (const more of harm) {
        const { rollout, events } = decide(inPhase[phase](), assess({ freezes, ...more }), HOUR);
        assert.equal(rollout.phase, 'rollingBack', phase);
        assert.ok(types(events).includes('DigestQuarantined'));
        const promoted = decideRollout(
          inPhase.ready(),
          { type: 'promote', assessment: assessment({ freezes, ...more }) },
          HOUR,
        );
        assert.ok(
          promoted.ok &&
            types(promoted.value).includes('RollbackOrdered') &&
            !types(promoted.value).includes('WaveOpened'),
        );
      }
    }
  });

  it('longer than a hold may last does not roll back, and its end starts the deadline anew', () => {
    const long = [window(0, 20 * HOUR)];
    const ready = () => inPhase.ready();
    const held = decide(ready(), assess({ freezes: long }), HOUR).rollout;
    assert.deepEqual([...held.holds].sort(), ['awaiting-promotion', 'frozen']);
    assert.deepEqual(types(decide(held, assess({ freezes: long }), 19 * HOUR).events), []);
    const thawed = decide(held, assess({ freezes: long }), 20 * HOUR);
    assert.deepEqual(types(thawed.events), ['HoldLifted']);
    assert.equal(thawed.rollout.heldSince, 20 * HOUR);
    const deadline = thawed.rollout.pipeline.heldDeadlineMs;
    assert.deepEqual(types(decide(thawed.rollout, assess(), 20 * HOUR + deadline - 1).events), []);
    assert.deepEqual(types(decide(thawed.rollout, assess(), 20 * HOUR + deadline).events), ['RollbackOrdered']);
  });

  it('property: in no phase and with nothing else true does anything go forward while a window binds', () => {
    const drawn = fc.record({
      phase: fc.constantFrom(...ROLLOUT_PHASES),
      now: fc.integer({ min: 0, max: 100 * HOUR }),
      windows: fc.array(fc.tuple(fc.integer({ min: 0, max: 100 * HOUR }), fc.integer({ min: 1, max: 50 * HOUR })), {
        maxLength: 4,
      }),
      lineHalted: fc.boolean(),
      outcome: fc.constantFrom('pass', 'no-data', 'inconclusive', 'fail' as const),
      underway: fc.nat({ max: 1 }),
      notBack: fc.nat({ max: 1 }),
      input: fc.constantFrom('assess', 'promote' as const),
    });
    fc.assert(
      fc.property(drawn, ({ phase, now, windows, lineHalted, outcome, underway, notBack, input }) => {
        const freezes = windows.map(([starts, length]) => window(starts, starts + length));
        const binds = windows.some(([starts, length]) => starts <= now && now < starts + length);
        const verdicts = ['api', 'web'].map((role) => verdict(outcome as 'pass', { role }));
        const seen = assessment({ freezes, lineHalted, verdicts: [verdicts], tally: tally({ underway, notBack }) });
        const decision = decideRollout(inPhase[phase](), { type: input as 'assess', assessment: seen }, now);
        const events = decision.ok ? types(decision.value) : [];
        if (binds)
          assert.deepEqual(
            events.filter((type) => FORWARD.includes(type)),
            [],
          );
      }),
      { numRuns: 1000 },
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FreezeWindow } from '../policy/freeze.ts';
import { type pipeline, verdict } from '../rollout/fixtures.ts';
import { BY_ANN, PeopleStory, type TokenId } from './peopleStory.ts';

const HOUR = 3_600_000;
const ASKED = [
  { before: 'start', role: 'approver', count: 2 },
  { before: 'pilot', role: 'approver', count: 1 },
] as const;
const HOLIDAYS: FreezeWindow = {
  freeze: 'holidays',
  reason: 'nobody is at work',
  starts: 0,
  ends: 100 * HOUR,
  local: { starts: 'then', ends: 'later' },
};

/** Everything is shut: nobody approved, the calendar is frozen, the line is halted. */
function shutStory(more: Parameters<typeof pipeline>[0] = {}): PeopleStory {
  const story = new PeopleStory(ASKED, more);
  story.freezes = [HOLIDAYS];
  story.do('olga', { type: 'halt', reason: 'smoke' });
  story.now++;
  return story;
}

const broken = (story: PeopleStory) => {
  assert.deepEqual(story.glass('olga', HOUR), ['BreakGlassAsked']);
  assert.deepEqual(story.glass('bob', 'confirm'), ['BreakGlassConfirmed']);
  return story;
};

describe('law 15: break-glass', () => {
  it('takes two people: one opens nothing, and cannot confirm their own', () => {
    const story = new PeopleStory(ASKED, {}, { ...BY_ANN, author: 'token:carol' });
    const shut = ['refused approval-missing'];
    assert.deepEqual(story.start('olga'), shut);
    story.glass('bob', HOUR);
    assert.deepEqual(story.start('olga'), shut);
    assert.deepEqual(story.glass('bob', 'confirm'), ['refused needs-another-person']);
    assert.deepEqual(story.start('olga'), shut);
    assert.deepEqual(story.glass('vic', 'confirm'), ['refused forbidden']);
    assert.deepEqual(story.glass('ada', 'confirm'), ['BreakGlassConfirmed']);
    assert.deepEqual(story.start('olga'), ['RolloutStarted', 'BreakGlassUsed', 'WaveOpened']);
  });

  it('two tokens of one person are one person', () => {
    const story = new PeopleStory(ASKED);
    story.do('engine', {
      type: 'issueToken',
      token: { id: 'bob3', name: 'BOB', role: 'operator', hash: 'bob3', at: 0 },
    });
    story.glass('bob', HOUR);
    assert.deepEqual(story.glass('bob3' as TokenId, 'confirm'), ['refused needs-another-person']);
  });

  it('opens what keeps a change waiting: freeze, halt, approvals; and says so before each step', () => {
    const story = broken(shutStory());
    assert.deepEqual(story.start('olga'), ['RolloutStarted', 'BreakGlassUsed', 'WaveOpened']);
    const used = story.log.find(({ type }) => type === 'BreakGlassUsed');
    assert.deepEqual(used?.data, {
      id: 'shop-1',
      gates: ['line-halted', 'frozen', 'awaiting-approval'],
      breakGlass: true,
    });
    assert.ok(story.settle().includes('RolloutCompleted'));
  });

  it('every event of the rollout says so, from then on and for good', () => {
    const story = broken(shutStory());
    story.start('olga');
    story.assess();
    story.glass('bob', 'end');
    story.settle();
    const ofIt = story.log.filter(({ data }) => 'id' in data && data.id === 'shop-1');
    assert.ok(ofIt.length > 3);
    for (const { type, data } of ofIt) assert.equal(data.breakGlass, true, type);
    assert.ok(story.world.rollouts.get('shop-1')?.breakGlass, 'and so does the rollout');
  });

  it('still goes stage by stage: the first stage, its bake and its evidence stand', () => {
    const story = broken(shutStory({ rehearse: true }));
    story.start('olga');
    assert.deepEqual(story.assess({}, 1), ['RehearsalStarted']);
    assert.deepEqual(story.assess({}, 1), ['BreakGlassUsed', 'RehearsalProved', 'WaveOpened']);
    assert.deepEqual(story.assess({}, 1), ['BakeStarted']);
    assert.deepEqual(story.assess({}, 4_000), [], 'not before the bake is over');
    assert.deepEqual(story.assess({ verdicts: [[]] }, 2_000), [], 'nor without evidence');
    assert.deepEqual(story.assess({}, 1), ['BreakGlassUsed', 'StagePassed', 'WaveOpened']);
  });

  it('law 18: opens no quarantine', () => {
    const story = broken(shutStory());
    story.start('olga');
    story.assess({ verdicts: [[verdict('fail'), verdict('pass', { role: 'web' })]] });
    assert.deepEqual(story.settle(), ['RolledBack']);
    broken(story);
    assert.deepEqual(story.start('olga'), ['refused quarantined']);
  });

  it('law 13: opens no second rollout of a service', () => {
    const story = new PeopleStory(undefined);
    story.start('olga');
    const other = { ...BY_ANN, digest: `sha256:${'9'.repeat(64)}` } as const;
    story.do('engine', { type: 'apply', manifests: [{ kind: 'Change', change: other }] });
    const of = { change: other.digest, pipeline: 'shop', rollout: null };
    story.do('olga', { type: 'askBreakGlass', of, reason: 'now', forMs: HOUR });
    story.do('bob', { type: 'confirmBreakGlass', of });
    assert.deepEqual(story.start('olga', other), ['refused rollout-in-progress']);
  });

  it('expires by itself, asked or confirmed, and what it opened holds again', () => {
    const story = shutStory();
    story.glass('olga', HOUR);
    story.now += HOUR;
    assert.deepEqual(story.glass('bob', 'confirm'), ['refused not-possible-now']);
    broken(story);
    story.start('olga');
    assert.deepEqual(story.assess({}, HOUR), ['HoldRaised', 'HoldRaised', 'HoldRaised']);
    assert.deepEqual(story.running?.holds, ['line-halted', 'frozen', 'awaiting-approval']);
  });

  it('ends when somebody ends it', () => {
    const story = broken(shutStory());
    story.start('olga');
    assert.deepEqual(story.glass('carol', 'end'), ['BreakGlassEnded']);
    assert.deepEqual(story.assess(), ['HoldRaised', 'HoldRaised', 'HoldRaised']);
    assert.equal(story.running?.breakGlass?.expires, story.now - 6_000);
  });

  it('lasts for four hours at the most', () => {
    const story = shutStory();
    assert.deepEqual(story.glass('olga', 4 * HOUR + 1), ['refused malformed']);
    assert.deepEqual(story.glass('olga', 0), ['refused malformed']);
    assert.deepEqual(story.glass('olga', 4 * HOUR), ['BreakGlassAsked']);
    assert.deepEqual(story.glass('bob', HOUR), ['refused not-possible-now'], 'one at a time');
  });

  it('who halts the line, or says no, once it is confirmed, means it too', () => {
    const story = broken(shutStory());
    story.do('carol', { type: 'halt', reason: 'again' });
    assert.deepEqual(story.start('olga').slice(0, 2), ['RolloutStarted', 'BreakGlassUsed'], 'the halt is the old one');
    story.do('olga', { type: 'lift' });
    story.do('carol', { type: 'halt', reason: 'this one too' });
    story.assess();
    assert.deepEqual(story.running?.holds, ['line-halted']);
    story.do('olga', { type: 'lift' });
    story.word('carol', 'reject', 'start');
    story.assess();
    assert.deepEqual(story.running?.holds, ['awaiting-approval']);
  });

  it('while a rollout runs: goes on at once', () => {
    const story = new PeopleStory(ASKED.slice(1));
    story.start('olga');
    story.settle();
    assert.deepEqual(story.running?.holds, ['awaiting-approval']);
    broken(story);
    assert.deepEqual(story.assess(), ['HoldLifted', 'BreakGlassUsed', 'WaveOpened']);
    assert.deepEqual(story.running?.breakGlass?.gates, ['awaiting-approval']);
  });

  it('a rollback needs none of it', () => {
    const story = broken(shutStory());
    story.start('olga');
    story.glass('bob', 'end');
    assert.deepEqual(story.do('ann', { type: 'rollout', id: 'shop-1', input: { type: 'rollback', reason: 'no' } }), [
      'RollbackOrdered',
    ]);
    assert.deepEqual(story.settle(), ['RolledBack']);
  });
});

describe('whatever two people do', () => {
  const who = fc.constantFrom<TokenId>('bob', 'olga', 'ada', 'ann');
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('ask' as const), who, hours: fc.constantFrom(1, 2, 4) }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('confirm' as const), who }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const), who }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('start' as const), who }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('assess' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.constantFrom(1, 2) }) },
  );

  it('law 15: what is shut opens between a confirmation by somebody else and the expiry, and never else', () => {
    let passed = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const story = shutStory({ heldDeadlineMs: 1_000 * HOUR });
        let asked: { readonly by: string; readonly expires: number } | null = null;
        let open = false;
        for (const one of steps) {
          const from = story.log.length;
          if (one.do === 'wait') story.now += one.hours * HOUR;
          else if (one.do === 'assess') story.running !== undefined && story.assess();
          else if (one.do === 'start') story.start(one.who);
          else story.glass(one.who, one.do === 'ask' ? one.hours * HOUR : one.do);
          for (const event of story.log.slice(from)) {
            const person = 'person' in event.data ? event.data.person.trim().toLowerCase() : '';
            if (event.type === 'BreakGlassAsked') {
              asked = { by: person, expires: event.data.expires };
              open = false;
            }
            if (event.type === 'BreakGlassConfirmed') {
              assert.notEqual(person, asked?.by);
              open = true;
            }
            if (event.type === 'BreakGlassEnded' || event.type === 'RolloutCompleted') open = false;
            if (event.type !== 'WaveOpened') continue;
            passed++;
            assert.ok(open && asked !== null && event.at < asked.expires, 'a wave was opened past what is shut');
          }
        }
      }),
      { numRuns: 500 },
    );
    assert.ok(passed > 50, `waves opened: ${passed}`);
  });
});

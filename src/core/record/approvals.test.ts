import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ApprovalRule } from '../policy/approval.ts';
import { personKey } from '../policy/person.ts';
import { planRollout } from '../policy/planRollout.ts';
import { assessment, pipeline, verdict } from '../rollout/fixtures.ts';
import { BY_ANN, PEOPLE, PeopleStory, SERVICE, type TokenId } from './peopleStory.ts';

const TWO = [{ before: 'start', role: 'approver', count: 2 }] as const;
const BEFORE_PILOT = [{ before: 'pilot', role: 'approver', count: 1 }] as const;

describe('law 15: approvals before the start', () => {
  it('as many different people as the pipeline asks, each counted once', () => {
    const story = new PeopleStory(TWO);
    assert.deepEqual(story.start('olga'), ['refused approval-missing']);
    assert.deepEqual(story.word('bob', 'approve'), ['ApprovalGiven']);
    assert.deepEqual(story.word('bob', 'approve'), [], 'said twice is said once');
    assert.deepEqual(story.start('olga'), ['refused approval-missing']);
    assert.deepEqual(story.word('carol', 'approve'), ['ApprovalGiven']);
    assert.deepEqual(story.start('olga'), ['RolloutStarted', 'WaveOpened']);
  });

  it('nobody approves their own change, with whatever token', () => {
    const story = new PeopleStory(TWO, {}, { ...BY_ANN, author: 'token:bob2' });
    assert.deepEqual(story.word('bob', 'approve'), ['refused needs-another-person']);
    assert.deepEqual(story.word('bob', 'reject'), ['ApprovalRejected'], 'to say no, nobody needs another person');
  });

  it('nor does an author whose token is no longer in force become somebody else', () => {
    const story = new PeopleStory(TWO, {}, { ...BY_ANN, author: 'token:bob2' });
    story.do('engine', { type: 'revokeToken', id: 'bob2' });
    assert.deepEqual(story.word('bob', 'approve'), ['refused needs-another-person']);
  });

  it('who starts it has wanted it: what they approved does not count', () => {
    const story = new PeopleStory([{ before: 'start', role: 'operator', count: 1 }]);
    assert.deepEqual(story.word('olga', 'approve'), ['ApprovalGiven']);
    assert.deepEqual(story.start('olga'), ['refused approval-missing']);
    const through = story.world.pipelines.get('shop') ?? pipeline();
    const { plan } = planRollout(story.world, BY_ANN, through, SERVICE, story.conditions, 0, 'token:olga');
    assert.equal(
      plan.refusals[0]?.says,
      '1 of 1 approvals by the role operator missing before it starts (ada could give them; that of olga, who wants it, does not count)',
    );
    assert.deepEqual(story.start('ann'), ['RolloutStarted', 'WaveOpened']);
  });

  it('where no gate is named, it is the one that this person can do something about', () => {
    const story = new PeopleStory([
      { before: 'start', role: 'operator', count: 1 },
      { before: 'broad', role: 'approver', count: 1 },
    ]);
    const gateOf = () => {
      const last = story.log.at(-1);
      return last !== undefined && 'before' in last.data ? last.data.before : null;
    };
    story.word('bob', 'approve');
    assert.equal(gateOf(), 'broad');
    story.word('olga', 'approve');
    assert.equal(gateOf(), 'start');
    assert.deepEqual(story.word('bob', 'withdraw'), ['ApprovalWithdrawn'], 'what he said last');
    assert.equal(gateOf(), 'broad');
  });

  it('a role is asked: others are refused, and an admin may stand in for any', () => {
    const story = new PeopleStory([{ before: 'start', role: 'approver', count: 1 }]);
    assert.deepEqual(story.word('vic', 'approve'), ['refused forbidden']);
    assert.deepEqual(story.word('ann', 'approve'), ['refused forbidden']);
    assert.deepEqual(story.word('olga', 'approve'), ['refused forbidden'], 'an operator is not an approver');
    assert.deepEqual(story.word('ada', 'approve'), ['ApprovalGiven']);
    assert.deepEqual(story.start('olga'), ['RolloutStarted', 'WaveOpened']);
  });

  it('an admin who stands in is not counted for two roles', () => {
    const story = new PeopleStory([
      { before: 'start', role: 'approver', count: 1 },
      { before: 'start', role: 'admin', count: 1 },
    ]);
    story.word('ada', 'approve');
    assert.deepEqual(story.start('olga'), ['refused approval-missing']);
    story.word('carol', 'approve');
    assert.deepEqual(story.start('olga'), ['RolloutStarted', 'WaveOpened']);
  });

  it('one no is enough, until it is taken back', () => {
    const story = new PeopleStory(TWO);
    for (const who of ['bob', 'carol'] as const) story.word(who, 'approve');
    assert.deepEqual(story.word('ada', 'reject'), ['ApprovalRejected']);
    assert.deepEqual(story.start('olga'), ['refused approval-missing']);
    assert.deepEqual(story.word('ada', 'withdraw'), ['ApprovalWithdrawn']);
    assert.deepEqual(story.start('olga'), ['RolloutStarted', 'WaveOpened']);
  });

  it('of another plan is of nothing: a pipeline, a service or a change that was registered anew is asked for anew', () => {
    const anew = {
      pipeline: (story: PeopleStory) =>
        story.do('ada', {
          type: 'apply',
          manifests: [{ kind: 'Pipeline', pipeline: pipeline({ approvals: TWO, errorBudget: 0.02 }) }],
        }),
      service: (story: PeopleStory) =>
        story.do('ada', {
          type: 'apply',
          manifests: [{ kind: 'Service', service: { ...SERVICE, asynchronousPathMs: 1_000 } }],
        }),
    };
    for (const [what, change] of Object.entries(anew)) {
      const story = new PeopleStory(TWO);
      for (const who of ['bob', 'carol'] as const) story.word(who, 'approve');
      change(story);
      assert.deepEqual(story.start('olga'), ['refused approval-missing'], what);
    }
  });

  it('registering the same again changes nothing that was agreed', () => {
    const story = new PeopleStory(TWO);
    for (const who of ['bob', 'carol'] as const) story.word(who, 'approve');
    story.do('ada', { type: 'apply', manifests: [{ kind: 'Pipeline', pipeline: pipeline({ approvals: TWO }) }] });
    assert.deepEqual(story.start('olga'), ['RolloutStarted', 'WaveOpened']);
  });

  it('is for one rollout: the next one of the same change is asked for anew', () => {
    const story = new PeopleStory(TWO);
    for (const who of ['bob', 'carol'] as const) story.word(who, 'approve');
    story.start('olga');
    story.do('olga', { type: 'rollout', id: 'shop-1', input: { type: 'rollback', reason: 'no' } });
    assert.ok(story.settle().includes('RolledBack'));
    assert.deepEqual(story.start('olga'), ['refused approval-missing']);
  });

  it('does not outlive the right to give it', () => {
    const story = new PeopleStory(TWO);
    for (const who of ['bob', 'carol'] as const) story.word(who, 'approve');
    story.do('ada', { type: 'revokeToken', id: 'carol' });
    assert.deepEqual(story.start('olga'), ['refused approval-missing']);
  });

  it('the plan says how many are missing, of which role, and who could give them', () => {
    const story = new PeopleStory(TWO);
    story.word('bob', 'approve');
    const through = story.world.pipelines.get('shop') ?? pipeline();
    const { plan } = planRollout(story.world, BY_ANN, through, SERVICE, story.conditions, 0, 'token:olga');
    assert.deepEqual(
      plan.refusals.map(({ says }) => says),
      ['1 of 2 approvals by the role approver missing before it starts (ada or carol could give them)'],
    );
  });

  it('what nobody asked for is not taken', () => {
    const story = new PeopleStory(undefined);
    assert.deepEqual(story.word('bob', 'approve'), ['refused not-possible-now']);
    assert.deepEqual(story.word('bob', 'approve', 'broda'), ['refused unknown-stage']);
    assert.deepEqual(story.word('bob', 'withdraw', 'broad'), ['refused not-possible-now']);
  });
});

describe('law 15: approvals on the way', () => {
  const atPilot = () => {
    const story = new PeopleStory(BEFORE_PILOT);
    story.start('olga');
    return story;
  };

  it('the stage passes, its evidence is kept, and the next one waits for people by name', () => {
    const story = atPilot();
    assert.deepEqual(story.settle(), ['BakeStarted', 'HoldRaised', 'StagePassed']);
    assert.deepEqual(story.running?.holds, ['awaiting-approval']);
    const raised = story.log.find(({ type }) => type === 'HoldRaised');
    assert.equal(
      raised?.type === 'HoldRaised' && raised.data.says,
      '1 of 1 approvals by the role approver missing before "pilot" (ada, bob or carol could give them)',
    );
    assert.deepEqual(story.word('bob', 'approve'), ['ApprovalGiven'], 'the next gate that waits');
    assert.deepEqual(story.settle().slice(0, 2), ['HoldLifted', 'WaveOpened']);
  });

  it('can be given before it is asked for', () => {
    const story = atPilot();
    assert.deepEqual(story.word('bob', 'approve', 'pilot'), ['ApprovalGiven']);
    assert.ok(!story.settle().includes('HoldRaised'));
    assert.equal(story.world.rollouts.get('shop-1')?.phase, 'completed');
  });

  it('taken back half-way: nothing more is opened', () => {
    const story = atPilot();
    story.word('bob', 'approve', 'pilot');
    for (let looks = 0; looks < 50 && story.running?.stage === 0; looks++) story.assess();
    assert.equal(story.running?.wave, 0);
    story.word('bob', 'withdraw', 'pilot');
    assert.deepEqual(story.settle(), ['HoldRaised']);
    assert.deepEqual([story.running?.stage, story.running?.wave, story.running?.holds], [1, 0, ['awaiting-approval']]);
  });

  it('a person cannot promote past it', () => {
    const story = atPilot();
    story.settle();
    assert.deepEqual(story.do('olga', { type: 'rollout', id: 'shop-1', input: { type: 'resume' } }), [
      'refused no-evidence',
    ]);
    const seen = { type: 'promote', assessment: assessment() } as const;
    assert.deepEqual(story.do('olga', { type: 'rollout', id: 'shop-1', input: seen }), ['refused approval-missing']);
  });

  it('law 22: harm counts while it waits, and the way back asks nobody', () => {
    const story = atPilot();
    story.settle();
    const failing = [verdict('fail'), verdict('pass', { role: 'web' })];
    assert.deepEqual(story.assess({ verdicts: [failing] }), ['RollbackOrdered', 'DigestQuarantined']);
    assert.deepEqual(story.settle(), ['RolledBack']);
  });
});

/** Reads the record for itself: who had said what of this gate, with a token still in force, when the stage was opened. */
function witness(story: PeopleStory, id: string, stage: number, asked: readonly ApprovalRule[]): void {
  const rollout = story.world.rollouts.get(id);
  assert.ok(rollout !== undefined);
  const before = stage === 0 ? 'start' : rollout.pipeline.stages[stage]?.name;
  const words = new Map<string, { readonly no: boolean; readonly role: string }>();
  for (const event of story.log) {
    if (event.type !== 'ApprovalGiven' && event.type !== 'ApprovalRejected' && event.type !== 'ApprovalWithdrawn')
      continue;
    const { plan, person } = event.data;
    if (plan.edition !== rollout.edition || event.data.before !== before) continue;
    if (event.type === 'ApprovalWithdrawn') words.delete(personKey(person));
    else words.set(personKey(person), { no: event.type === 'ApprovalRejected', role: event.data.role });
  }
  const starter = PEOPLE[rollout.startedBy.slice('token:'.length) as TokenId][0];
  words.delete('ann');
  if (words.get(personKey(starter))?.no === false) words.delete(personKey(starter));
  const rules = asked.filter((rule) => rule.before === before);
  const yes = [...words].filter(([person, { role }]) =>
    [...story.world.tokens.values()].some((token) => personKey(token.name) === person && token.role === role),
  );
  assert.deepEqual(
    [...words.values()].filter(({ no }) => no),
    [],
    `${before} opened against a no`,
  );
  for (const { role, count } of rules) {
    const able = yes.filter(([, word]) => word.role === role || word.role === 'admin');
    assert.ok(able.length >= count, `${id} opened ${before} with ${able.length} of ${count} by ${role}`);
  }
}

describe('whatever people do, in whatever order', () => {
  const asked = [
    { before: 'start', role: 'approver', count: 1 },
    { before: 'pilot', role: 'operator', count: 1 },
    { before: 'broad', role: 'approver', count: 2 },
  ] as const;
  const who = fc.constantFrom(...(Object.keys(PEOPLE) as TokenId[]));
  const before = fc.constantFrom(null, null, 'start', 'pilot', 'broad');
  const word = <W extends 'approve' | 'reject' | 'withdraw'>(does: W) =>
    fc.record({ do: fc.constant(does), who, before });
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('assess' as const) }) },
    { weight: 10, arbitrary: word('approve') },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('start' as const), who }) },
    { weight: 1, arbitrary: word('reject') },
    { weight: 2, arbitrary: word('withdraw') },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('promote' as const), who }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('revoke' as const), who: fc.constantFrom('bob', 'vic', 'ada') }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('edit' as const) }) },
  );

  it('law 15: no stage opens without its approvals by other people, each counted once', () => {
    let opened = 0;
    let later = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80 }), (steps) => {
        const story = new PeopleStory(asked);
        let budget = 0.01;
        for (const one of steps) {
          const from = story.log.length;
          if (one.do === 'start') story.start(one.who);
          else if (one.do === 'assess') story.running !== undefined && story.assess();
          else if (one.do === 'revoke') story.do('engine', { type: 'revokeToken', id: one.who });
          else if (one.do === 'edit') {
            budget += 0.001;
            story.do('ada', {
              type: 'apply',
              manifests: [{ kind: 'Pipeline', pipeline: pipeline({ approvals: asked, errorBudget: budget }) }],
            });
          } else if (one.do === 'promote') {
            const input = { type: 'promote', assessment: assessment() } as const;
            story.do(one.who, { type: 'rollout', id: 'shop-1', input });
          } else story.word(one.who, one.do, one.before);
          for (const event of story.log.slice(from)) {
            if (event.type !== 'WaveOpened') continue;
            opened++;
            if (event.data.stage > 0) later++;
            for (let stage = 0; stage <= event.data.stage; stage++) witness(story, event.data.id, stage, asked);
          }
        }
      }),
      { numRuns: 500 },
    );
    assert.ok(opened > 150 && later > 20, `stages opened: ${opened}, of which later ones: ${later}`);
  });
});

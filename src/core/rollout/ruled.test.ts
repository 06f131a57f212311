import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Rule, RuleConditions, RuleJudge } from '../policy/rule.ts';
import type { RuleFacts } from '../policy/ruleFacts.ts';
import type { Assessment } from './assessment.ts';
import { assess, decide, inPhase } from './decisions.ts';
import { after, assessment, pipeline, rolloutOf, stage, tally, verdict } from './fixtures.ts';
import type { Rollout } from './rollout.ts';
import { rulesAgainst } from './ruleGate.ts';
import { sayRollout } from './sayRollout.ts';

/* Law 16, the pipeline's own rules: what `require` says is what a rule comes to, so that these tests are about the gate alone. */

const ruleOf = (require: string, before: Rule['before'] = 'wave', name = 'mine'): Rule => ({
  name,
  before,
  require,
  says: 'not on a Friday',
  timeZone: 'UTC',
});

const asWritten: RuleJudge = ({ name, require, says }) => {
  if (require === 'error') return { rule: name, outcome: 'error', says: 'division by zero' };
  return { rule: name, outcome: require === 'true' ? 'passes' : 'refuses', says };
};

const conditions = (judge: RuleJudge = asWritten): RuleConditions => ({
  judge,
  around: {
    targets: 14,
    unstaged: () => 0,
    dependents: ['checkout'],
    trafficShare: () => null,
    fleet: { targets: 14, connected: 14, unhealthy: 0 },
  },
});

const looked = (more: Partial<Assessment> = {}) => assess({ rules: conditions(), ...more });
const under = (...rules: readonly Rule[]) => pipeline({ rules });
const baked = (rollout: Rollout) => after(rollout, [{ type: 'BakeStarted', data: { id: 'shop-1', stage: 0 } }]);

describe('law 16: the rules of a pipeline', () => {
  const SHUT: readonly (readonly [string, Rule['before'], string])[] = [
    ['false', 'wave', 'a rule that is not met'],
    ['false', 'stage', 'the same, asked before stages alone'],
    ['error', 'wave', 'a rule that errors refuses'],
  ];
  for (const [require, before, reason] of SHUT) {
    it(`shut the next stage: ${reason}`, () => {
      const held = decide(baked(rolloutOf(under(ruleOf(require, before)))), looked(), 6_000);
      assert.deepEqual(held.says, ['HoldRaised rule-refused', 'StagePassed'], 'what was proven is proven');
      assert.equal(held.rollout.phase, 'ready');
      assert.deepEqual(decide(held.rollout, looked(), 7_000).says, [], 'and so it stays');
      assert.match(
        sayRollout(held.rollout, assessment({ rules: conditions() }), 7_000),
        require === 'error'
          ? /rule "mine" cannot be evaluated, and so refuses: division by zero/
          : /rule "mine" refuses: not on a Friday/,
      );
    });
  }

  it('shut the next wave of a stage, and the way forward after the rehearsal', () => {
    const waves = pipeline({
      rules: [ruleOf('false')],
      stages: [stage('canary', { waves: [{ count: 1 }, { share: 1 }] }), stage('pilot')],
    });
    const settled = looked({ tally: tally({ opened: 1, confirmed: 1 }) });
    assert.deepEqual(decide(rolloutOf(waves), settled, 1_000).says, ['HoldRaised rule-refused']);
    const rehearsing = after(rolloutOf(pipeline({ rehearse: true, rules: [ruleOf('false')] })), [
      { type: 'RehearsalStarted', data: { id: 'shop-1' } },
    ]);
    assert.deepEqual(decide(rehearsing, looked(), 1_000).says, ['HoldRaised rule-refused']);
  });

  it('shut each further step of a wave that is opened in steps, unless they are asked before stages alone', () => {
    const widened = { type: 'WaveWidened', data: { id: 'shop-1', below: 0.5, targets: 1, absent: [] } } as const;
    const asked = (rule: Rule) =>
      rulesAgainst(rolloutOf(under(rule)), [widened], assessment({ rules: conditions() }), 1_000).map(
        ({ rule }) => rule,
      );
    assert.deepEqual(asked(ruleOf('false')), ['mine']);
    assert.deepEqual(asked(ruleOf('true')), []);
    assert.deepEqual(asked(ruleOf('false', 'stage')), []);
  });

  it('asked before stages alone, they do not shut a wave; asked at the start alone, they shut nothing later', () => {
    const waves = [stage('canary', { waves: [{ count: 1 }, { share: 1 }] }), stage('pilot')];
    const settled = looked({ tally: tally({ opened: 1, confirmed: 1 }) });
    const staged = rolloutOf(pipeline({ rules: [ruleOf('false', 'stage')], stages: waves }));
    assert.deepEqual(decide(staged, settled, 1_000).says, ['WaveOpened 0.1']);
    const started = baked(rolloutOf(under(ruleOf('false', 'start'))));
    assert.deepEqual(decide(started, looked(), 6_000).says, ['StagePassed', 'WaveOpened 1.0']);
  });

  it('open again as soon as they are met, and say so', () => {
    const held = decide(baked(rolloutOf(under(ruleOf('false')))), looked(), 6_000).rollout;
    const met = looked({ rules: conditions((rule) => ({ rule: rule.name, outcome: 'passes', says: '' })) });
    assert.deepEqual(decide(held, met, 7_000).says, ['HoldLifted rule-refused', 'WaveOpened 1.0']);
  });

  it('do not flap while a reconnecting fleet keeps it from opening anyway', () => {
    const held = decide(baked(rolloutOf(under(ruleOf('false')))), looked(), 6_000).rollout;
    assert.deepEqual(decide(held, looked({ tally: tally({ unsure: 7 }) }), 7_000).says, []);
  });

  it('refuse a person who promotes, in their words', () => {
    const ready = (rule: Rule) => {
      const manual = pipeline({ rules: [rule], stages: [stage('canary', { promote: 'manual' }), stage('pilot')] });
      return { ...inPhase.ready(), pipeline: manual };
    };
    const promote = { type: 'promote', assessment: assessment({ rules: conditions() }) } as const;
    assert.deepEqual(decide(ready(ruleOf('false')), promote, 1_000).says, ['refused rule-refused']);
    assert.deepEqual(decide(ready(ruleOf('true')), promote, 1_000).says, ['WaveOpened 1.0']);
  });

  it('are nothing that a person can accept', () => {
    const held = decide(baked(rolloutOf(under(ruleOf('false')))), looked(), 6_000).rollout;
    assert.deepEqual(decide(held, { type: 'resume' }, 7_000).says, ['refused no-evidence']);
  });

  it('refuse where nothing is there to evaluate them', () => {
    const held = decide(baked(rolloutOf(under(ruleOf('true')))), assess(), 6_000);
    assert.deepEqual(held.says, ['HoldRaised rule-refused', 'StagePassed']);
  });

  it('do not keep a last stage from completing: it opens nothing', () => {
    const only = pipeline({ rules: [ruleOf('false')], stages: [stage('canary')] });
    assert.deepEqual(decide(baked(rolloutOf(only)), looked(), 6_000).says, ['StagePassed', 'RolloutCompleted']);
  });

  it('see what would open, and not what is open', () => {
    const seen: RuleFacts[] = [];
    const judge: RuleJudge = (rule, facts) => {
      seen.push(facts);
      return { rule: rule.name, outcome: 'passes', says: '' };
    };
    decide(baked(rolloutOf(under(ruleOf('true')))), looked({ rules: conditions(judge) }), 6_000);
    const [facts] = seen;
    assert.ok(facts);
    assert.deepEqual(facts.stage, { name: 'pilot', number: 2, targets: 4, shareOfTargets: 4 / 14, last: false });
    assert.deepEqual(facts.wave, { number: 1, count: 2, targets: 1, last: false });
    assert.equal(facts.blast.targets, 3);
    assert.deepEqual(facts.blast.dependents, ['checkout']);
    assert.equal(facts.now, 6_000);
  });

  it('law 14: never bind a rollback', () => {
    fc.assert(
      fc.property(fc.constantFrom('false', 'error'), fc.boolean(), fc.boolean(), (require, bakes, harmed) => {
        const rollout = rolloutOf(under(ruleOf(require)));
        const before = bakes ? decide(baked(rollout), looked(), 6_000).rollout : rollout;
        const back = harmed
          ? decide(before, looked({ verdicts: [[verdict('fail')]] }), 7_000)
          : decide(before, { type: 'rollback', reason: 'no' }, 7_000);
        assert.equal(back.rollout.phase, 'rollingBack');
        const over = decide(back.rollout, looked(), 8_000);
        assert.deepEqual(over.says, ['RolledBack']);
      }),
    );
  });

  it('held by them for too long, it goes back: a rule that is never met does not wait for ever', () => {
    const held = decide(baked(rolloutOf(under(ruleOf('false')))), looked(), 6_000).rollout;
    assert.deepEqual(decide(held, looked(), 606_000).says, ['RollbackOrdered held-too-long']);
  });
});

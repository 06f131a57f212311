import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHANGE } from '../rollout/fixtures.ts';
import { planRules } from './planRules.ts';
import type { Rule, RuleJudge } from './rule.ts';

const planned = (name: string, ...targets: readonly number[]) => ({
  name,
  targets: targets.at(-1) ?? 0,
  waves: targets.map((open) => ({ below: 1, targets: open })),
});
const PLAN = {
  change: CHANGE,
  pipeline: 'shop',
  plan: [planned('canary', 1, 2), planned('rest', 8, 80)],
  rollout: 'shop-1',
};
const AROUND = { targets: 82, unstaged: () => 0, dependents: [], trafficShare: () => null };
const FLEET = { targets: 82, connected: 82, unhealthy: 0 };

/** Passes for as many targets in the stage as its expression names. */
const upTo: RuleJudge = ({ name, require, says }, { wave }) => ({
  rule: name,
  outcome: require === 'error' ? 'error' : wave.targets <= Number(require) ? 'passes' : 'refuses',
  says,
});
const rule = (name: string, before: Rule['before'], require: string): Rule => {
  return { name, before, require, says: `${name}!`, timeZone: 'UTC' };
};
const plan = (...rules: readonly Rule[]) =>
  planRules(rules, PLAN, AROUND, { judge: upTo, startedBy: 'person:lee', fleet: FLEET }, 0);
const lines = (...rules: readonly Rule[]) =>
  plan(...rules).shown.map(({ rule, stage, wave, outcome }) => `${rule} ${stage}.${wave} ${outcome}`);

test('a plan says of every stage what a rule has against it, and the first wave it refuses', () => {
  assert.deepEqual(lines(rule('eight', 'wave', '8')), ['eight canary.1 passes', 'eight rest.2 refuses']);
  assert.deepEqual(lines(rule('eight', 'stage', '8')), ['eight canary.1 passes', 'eight rest.1 passes']);
  assert.deepEqual(lines(rule('eight', 'start', '8')), ['eight canary.1 passes']);
  assert.deepEqual(lines(rule('one', 'wave', '1')), ['one canary.2 refuses', 'one rest.1 refuses']);
  assert.deepEqual(lines(), []);
});

test('only what is asked of the first wave refuses the start; every rule is asked of it', () => {
  const refused = (...rules: readonly Rule[]) => plan(...rules).refusals.map(({ says }) => says);
  assert.deepEqual(refused(rule('one', 'wave', '1')), []);
  assert.deepEqual(
    refused(rule('none', 'wave', '0'), rule('no-start', 'start', '0'), rule('broken', 'stage', 'error')),
    [
      'rule "none" refuses: none!',
      'rule "no-start" refuses: no-start!',
      'rule "broken" cannot be evaluated, and so refuses: broken!',
    ],
  );
  assert.deepEqual(
    plan(rule('none', 'wave', '0')).refusals.map(({ code }) => code),
    ['rule-refused'],
  );
});

test('law 16: with nobody to evaluate them, they refuse', () => {
  const { refusals } = planRules([rule('fine', 'wave', '100')], PLAN, AROUND, undefined, 0);
  assert.match(refusals[0]?.says ?? '', /nothing here that evaluates rules/);
});

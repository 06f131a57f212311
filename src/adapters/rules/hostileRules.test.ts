import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createRules } from './createRules.ts';
import { FUNCTIONS, MACROS, TEXT_METHODS, VARIABLES } from './ruleLanguage.ts';
import { pipelineOf, ruleOf, someFacts } from './testing/someFacts.ts';

const rules = createRules();
const times = (text: string, count: number) => text.repeat(count);

describe('what a rule costs is bounded before it is ever evaluated', () => {
  const HOSTILE: readonly (readonly [string, string, RegExp])[] = [
    ['too long', `true ${times(' || true', 200)}`, /characters, at most 1000/],
    ['parentheses', `${times('(', 490)}true${times(')', 490)}`, /nested more than|cannot be read/],
    ['lists in lists', `${times('[', 200)}1${times(']', 200)} == [1]`, /nested more than|cannot be made/],
    ['a chain of additions', `stage.targets${times('+1', 300)} > 0`, /nested more than 32/],
    ['a chain of conditions', `${times('true ? true : ', 60)}true`, /nested more than 32/],
    ['calls in calls', `${times('int(', 60)}1${times(')', 60)} == 1`, /nested more than 32/],
    [
      'macros in macros',
      'change.roles.all(a, change.roles.all(b, change.roles.all(c, change.roles.all(d, a == d))))',
      /steps, at most 10000/,
    ],
    ['two macros, one in the other', 'change.roles.all(a, blast.dependents.exists(b, a == b))', /steps, at most 10000/],
    ['a filter of a filter in all', 'change.roles.all(a, change.roles.filter(b, b == a).size() == 1)', /steps/],
    [
      'macros over what is written out',
      `[${times('1,', 300)}1].all(a, [${times('1,', 150)}1].all(b, a == b))`,
      /steps/,
    ],
    ['an expression for every item', 'change.roles.all(r, r.matches("a*b*c*"))', /steps, at most 10000/],
    ['an expression that counts', 'change.reason.matches("((a{100}){100}){100}")', /counts repetitions/],
    ['a long expression', `change.reason.matches("${times('(a*)*', 30)}")`, /at most 100/],
    ['an enormous number', `${times('9', 500)} > 0`, /64 bits/],
  ];
  for (const [name, require, says] of HOSTILE) {
    test(`${name} is refused`, () => {
      const found = rules.fault(pipelineOf([ruleOf(require)]));
      assert.match(found?.says ?? 'no fault', says);
      assert.equal(rules.judge(ruleOf(require), someFacts()).outcome, 'error');
    });
  }

  test('macros beside each other, and over short lists that are written out, are not', () => {
    for (const require of [
      'change.roles.all(r, r != "x") && change.slots.all(s, s != "x") && blast.dependents.all(d, d != "x")',
      '["api", "web"].all(a, change.roles.exists(b, a == b))',
    ]) {
      assert.equal(rules.fault(pipelineOf([ruleOf(require)])), null);
      assert.equal(rules.judge(ruleOf(require), someFacts()).outcome, 'passes');
    }
  });

  test('many rules that are good one by one are too many together', () => {
    const one = ruleOf('change.roles.all(r, r.startsWith("a") || r.startsWith("w") || r.startsWith("b"))');
    assert.equal(rules.fault(pipelineOf([one])), null);
    const found = rules.fault(pipelineOf(Array(20).fill(one), 50));
    assert.match(found?.says ?? '', /in a whole rollout, at most 100000/);
  });

  test('a good rule is as quick with the largest lists it may be given', () => {
    const roles = Array.from({ length: 256 }, (_, index) => `role-${index}-${times('x', 50)}`);
    const facts = someFacts();
    const largest = { ...facts, change: { ...facts.change, roles } };
    assert.equal(
      rules.judge(ruleOf('change.roles.all(r, r.contains("role-") && r != "x")'), largest).outcome,
      'passes',
    );
  });
});

describe('whatever is written, the answer is data', () => {
  const words = [
    ...Object.entries(VARIABLES).flatMap(([name, { fields }]) => [
      name,
      ...Object.keys(fields).map((field) => `${name}.${field}`),
    ]),
    ...Object.keys(FUNCTIONS).map((name) => `${name}(`),
    ...[...Object.keys(TEXT_METHODS), ...Object.keys(MACROS), 'size'].map((name) => `.${name}(`),
    ...['x,', 'x', '==', '!=', '<', '>=', '&&', '||', '!', '+', '-', '*', '/', '%', '?', ':', 'in', '.', ',', '(', ')'],
    ...[
      '[',
      ']',
      '{',
      '}',
      'true',
      'false',
      'null',
      '1',
      '0',
      '2.5',
      '1u',
      '"a"',
      "b'x'",
      '"friday"',
      '"(a*)*"',
      '[0]',
    ],
  ];
  const expression = fc.oneof(
    fc.string({ maxLength: 200, unit: 'binary' }),
    fc.array(fc.constantFrom(...words), { maxLength: 25 }).map((found) => found.join(' ')),
  );

  test('no text makes it throw, and what has no fault evaluates to true, false or an error', () => {
    fc.assert(
      fc.property(expression, (require) => {
        const rule = ruleOf(require);
        const found = rules.fault(pipelineOf([rule]));
        const { outcome, says } = rules.judge(rule, someFacts());
        if (found !== null) assert.equal(outcome, 'error');
        assert.ok(['passes', 'refuses', 'error'].includes(outcome));
        // Names and types were proven: what is left to go wrong is in the values.
        if (found === null && outcome === 'error') assert.match(says, /bounds|divi|modulus|overflow|range/);
      }),
      { numRuns: 3000 },
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { err, ok } from '../kernel/result.ts';
import { evaluateFlag, type FlagReason, type FlagUser, type Targeting } from './evaluateFlag.ts';
import type { Flag, Serving } from './flagSet.ts';

const ANN: FlagUser = { targetingKey: 'ann', context: { country: 'de' } };
const NOBODY: FlagUser = { targetingKey: null, context: {} };

/** A language of three words, so that the order of things is looked at and not the language. */
const words: Targeting = (when, { context }) => {
  if (when === 'broken') return err('it cannot be told');
  return ok(when === 'everybody' || (when === 'german' && context.country === 'de'));
};

const flag = (change: Partial<Flag> = {}): Flag => ({
  type: 'boolean',
  variants: { on: true, off: false },
  disabled: null,
  rules: [],
  otherwise: { variant: 'off' },
  ...change,
});
const german = { when: 'german', serving: { variant: 'on' } };
const halves: Serving = {
  split: [
    { variant: 'on', weight: 1 },
    { variant: 'off', weight: 1 },
  ],
};

describe('the value of a flag', () => {
  const table: readonly [Flag, FlagUser, variant: string, FlagReason, because: string][] = [
    [flag(), ANN, 'off', 'STATIC', 'there is nothing to decide'],
    [flag({ rules: [german] }), ANN, 'on', 'TARGETING_MATCH', 'a rule is met'],
    [flag({ rules: [german] }), NOBODY, 'off', 'DEFAULT', 'no rule is met'],
    [
      flag({ rules: [german, { when: 'everybody', serving: { variant: 'off' } }] }),
      ANN,
      'on',
      'TARGETING_MATCH',
      'the first rule that is met decides',
    ],
    [flag({ disabled: 'off', rules: [german] }), ANN, 'off', 'DISABLED', 'off is off, whatever the rules say'],
    [flag({ disabled: 'on' }), ANN, 'on', 'DISABLED', 'what is served while it is off is written down'],
    [
      flag({ disabled: 'off', rules: [{ when: 'broken', serving: { variant: 'on' } }] }),
      ANN,
      'off',
      'DISABLED',
      'a rule of a flag that is off is not asked',
    ],
    [flag({ otherwise: { split: [{ variant: 'on', weight: 3 }] } }), ANN, 'on', 'SPLIT', 'one portion is everybody'],
    [
      flag({ rules: [{ when: 'everybody', serving: { split: [{ variant: 'on', weight: 0.1 }] } }] }),
      ANN,
      'on',
      'SPLIT',
      'a rule may split too',
    ],
  ];
  for (const [given, user, variant, reason, because] of table) {
    test(`${reason}: ${because}`, () => {
      const value = given.variants[variant];
      assert.deepEqual(evaluateFlag('f', given, user, words), ok({ variant, value, reason }));
    });
  }

  test('a rule that cannot be told is an error of the context, and no later rule is asked', () => {
    const rules = [{ when: 'broken', serving: { variant: 'on' } }, german];
    const said = evaluateFlag('f', flag({ rules }), ANN, words);
    assert.equal(!said.ok && said.error.code, 'INVALID_CONTEXT');
  });

  test('a split needs to know who it is; what is not split does not', () => {
    const said = evaluateFlag('f', flag({ otherwise: halves }), NOBODY, words);
    assert.equal(!said.ok && said.error.code, 'TARGETING_KEY_MISSING');
    assert.ok(evaluateFlag('f', flag(), NOBODY, words).ok);
  });
});

describe('shares of users', () => {
  const variantOf = (key: string, user: string, first: number) => {
    const split = [
      { variant: 'on', weight: first },
      { variant: 'off', weight: 100 - first },
    ].filter(({ weight }) => weight > 0);
    const value = evaluateFlag(key, flag({ otherwise: { split } }), { targetingKey: user, context: {} }, words);
    return value.ok ? value.value.variant : value.error.code;
  };
  const share = fc.integer({ min: 0, max: 100 });

  test('growing the first portion never takes a user back out, and shrinking it to what it was restores everybody', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), share, share, (key, user, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        const before = variantOf(key, user, less);
        if (before === 'on') assert.equal(variantOf(key, user, more), 'on');
        assert.equal(variantOf(key, user, less), before);
      }),
    );
  });

  test('the weights are the shares: within a percentage point over ten thousand users', () => {
    for (const first of [1, 10, 50, 99]) {
      let on = 0;
      for (let user = 0; user < 10_000; user++) if (variantOf('checkout', `user-${user}`, first) === 'on') on++;
      assert.ok(Math.abs(on / 100 - first) < 1, `${first}% came to ${on / 100}%`);
    }
  });

  test('two flags split the same users differently', () => {
    let both = 0;
    for (let user = 0; user < 10_000; user++)
      if (variantOf('one', `user-${user}`, 50) === 'on' && variantOf('two', `user-${user}`, 50) === 'on') both++;
    assert.ok(Math.abs(both / 100 - 25) < 2, `${both / 100}% have both`);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { evaluateFlag } from '../../core/flags/evaluateFlag.ts';
import { flagReader } from './flagReader.ts';

const read = (text: string) => flagReader.read(Buffer.from(text));

const oneRule = (when: string) =>
  JSON.stringify({
    flags: { f: { type: 'boolean', variants: { on: true, off: false }, rules: [{ when, serve: 'on' }], serve: 'off' } },
  });

describe('targeting', () => {
  const context = {
    country: 'de',
    age: 18,
    email: 'ann@example.com',
    tags: ['a', 'b'],
    user: { plan: 'pro' },
    none: null,
  };
  const table: readonly [when: string, met: boolean | string, because: string][] = [
    ['context.country == "de"', true, 'texts'],
    ['context.age >= 18', true, 'JSON has one kind of number'],
    ['context.age / 2.0 == 9.0', true, 'sums'],
    ['context.user.plan in ["pro", "team"]', true, 'lists that are written out'],
    ['"b" in context.tags', true, 'lists of the context'],
    ['context.email.endsWith("@example.com")', true, 'parts of texts'],
    ['context.email.matches("^[a-z]+@example\\\\.com$")', true, 'patterns'],
    ['targetingKey == "ann"', true, 'who it is'],
    ['context.plan == "pro"', false, 'who has not the attribute is not meant'],
    ['context.plan != "pro"', false, 'nor by the opposite'],
    ['!has(context.plan) || context.plan != "pro"', true, 'unless the rule asks whether it is there'],
    ['context["a.b"] == 1', false, 'names that are no words'],
    ['context.none == null', true, 'null is a value'],
    ['context.age > "x"', 'no matching overload', 'what cannot be compared is an error, not a no'],
    ['context.age', 'true or false', 'a rule is true or false'],
  ];
  for (const [when, met, because] of table) {
    test(`${when}: ${because}`, () => {
      const set = read(oneRule(when));
      assert.ok(set.ok, JSON.stringify(set));
      const flag = set.value.flags.get('f');
      assert.ok(flag);
      const said = evaluateFlag('f', flag, { targetingKey: 'ann', context }, set.value.targeting);
      if (typeof met === 'boolean') assert.equal(said.ok ? said.value.value : said.error.says, met);
      else assert.match(said.ok ? 'it had a value' : said.error.says, new RegExp(met));
    });
  }
});

describe('law 16: what is not understood is refused before anything moves', () => {
  const refused: readonly [document: string, says: RegExp][] = [
    ['{', /neither JSON nor YAML/],
    ['flags: 3', /flags: found the number 3, expected a mapping of flags/],
    [oneRule('country == "de"'), /there is no "country"; a rule knows context and targetingKey/],
    [oneRule('context.tags.exists(t, t == "a")'), /macros that go over lists/],
    [oneRule('context.email.matches(context.pattern)'), /no written text/],
    [oneRule('context.email.matches("a{1000}")'), /counts repetitions/],
    [oneRule('context.email.matches("(")'), /pattern cannot be read/],
    [oneRule('context.email.nope()'), /no function "nope"/],
    [oneRule('context.a =='), /flags\.f\.rules\[0\]\.when: it cannot be read/],
    [oneRule(`context${'.a'.repeat(40)}`), /nested more than 32 deep/],
    [
      'flags: { f: { type: boolean, variants: { on: true, off: 0 }, serve: on } }',
      /flags\.f\.variants\.off: found the number 0, expected a value of type boolean/,
    ],
    ['flags: { f: { type: boolean, variants: { on: true }, serve: onn } }', /flags\.f\.serve.*did you mean "on"/],
    ['flags: { f: { type: boolean, variants: { on: true }, split: { off: 1 } } }', /flags\.f\.split\.off/],
    ['flags: { f: { type: boolean, variants: { on: true }, split: { on: 0 } } }', /a weight above 0/],
    ['flags: { f: { type: boolean, variants: { on: true } } }', /exactly one of serve, split/],
    ['flags: { "a/b": { type: boolean, variants: { on: true }, serve: on } }', /a flag key/],
  ];
  for (const [document, says] of refused) {
    test(`${document.slice(0, 80)} …`, () => {
      const set = read(document);
      assert.match(set.ok ? 'it was taken' : set.error.join('\n'), says);
    });
  }
});

test('every kind of value can be served, written as YAML or as JSON', () => {
  const set = read(`
flags:
  limit: { type: number, variants: { low: 1.5, high: 20 }, serve: high }
  banner: { type: string, variants: { none: "", sale: "Sale!" }, split: { sale: 1, none: 3 } }
  theme: { type: object, variants: { dark: { color: black } }, disabled: dark, serve: dark }
`);
  assert.ok(set.ok, JSON.stringify(set));
  const { flags } = set.value;
  assert.equal(flags.get('limit')?.variants.high, 20);
  const split = [
    { variant: 'sale', weight: 1 },
    { variant: 'none', weight: 3 },
  ];
  assert.deepEqual(flags.get('banner')?.otherwise, { split });
  assert.equal(flags.get('theme')?.disabled, 'dark');
});

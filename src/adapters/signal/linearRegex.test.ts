import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { linearRegex } from './linearRegex.ts';

function matches(source: string, text: string): boolean {
  const regex = linearRegex(source);
  assert.ok(regex.ok, regex.ok ? '' : regex.error);
  return regex.value.matches(text);
}

describe('expressions in label matchers', () => {
  // biome-ignore format: a table
  const CASES: readonly (readonly [source: string, yes: readonly string[], no: readonly string[]])[] = [
    ['5..', ['500', '503', '5\n!'], ['50', '5000', '1500', '']],
    ['4..|5..', ['404', '500'], ['200', '4', '4005..']],
    ['', [''], ['a']],
    ['a*', ['', 'a', 'aaaa'], ['b', 'ab']],
    ['a+?b{2}', ['abb', 'aabb'], ['bb', 'ab', 'abbb']],
    ['(?:ab|cd){1,2}', ['ab', 'abcd', 'cdab'], ['', 'ababab']],
    ['x{2,}', ['xx', 'xxxxx'], ['x']],
    ['[a-c]+[^0-9]', ['ab!', 'cz'], ['ab1', '!']],
    ['[]a]', [']', 'a'], ['b']],
    ['[a-]', ['a', '-'], ['b']],
    [String.raw`\d{3}\.\w\s`, ['404.a '], ['404xa ', '404.! ']],
    [String.raw`\/api\/.*`, ['/api/', '/api/x'], ['/ap/']],
    ['^(5..|4..)$', ['500', '404'], ['5000']],
    ['a^b', [], ['ab', 'a^b']],
    ['a$b?', ['a'], ['ab']],
    ['{', ['{'], ['']],
    ['a{,2}', ['a{,2}'], ['aa']],
    ['.', ['🦊', 'é'], ['', 'ab']],
    ['(a|b)*c', ['c', 'ababc'], ['ab']],
    ['((a*)*)*', ['', 'aaa'], ['b']],
  ];
  for (const [source, yes, no] of CASES) {
    it(source === '' ? '(empty)' : source, () => {
      for (const text of yes) assert.ok(matches(source, text), `matches ${JSON.stringify(text)}`);
      for (const text of no) assert.ok(!matches(source, text), `does not match ${JSON.stringify(text)}`);
    });
  }

  // biome-ignore format: a table
  const REFUSED: readonly (readonly [source: string, says: RegExp])[] = [
    ['(', /where a "\)" is missing, at character 2/],
    [')', /a "\)" that closes nothing/],
    ['[a', /where a "]" is missing/],
    ['*', /a repetition of nothing, at character 1/],
    ['a**', /a repetition of a repetition/],
    ['a{2,1}', /ends before it begins/],
    ['a{1001}', /more than 1000/],
    ['[z-a]', /range that ends before it begins/],
    ['(?i)a', /a group other than/],
    ['(?=a)', /a group other than/],
    [String.raw`(a)\1`, /an escape "\\1" that is not known/],
    [String.raw`\bx`, /an escape "\\b"/],
    ['[[:alpha:]]', /a named class/],
    ['a\\', /where a character is missing/],
    ['((a{100}){100}){100}', /too large/],
    ['((((){1000}){1000}){1000}){1000}', /too large/],
    ['x'.repeat(513), /at most 512/],
    ['('.repeat(200), /nested too deeply/],
  ];
  for (const [source, says] of REFUSED) {
    it(`refuses ${source.slice(0, 30)}`, () => {
      const regex = linearRegex(source);
      assert.ok(!regex.ok);
      assert.match(regex.error, says);
    });
  }

  it('is of one mind with JavaScript where both can read it', () => {
    const atoms = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '1', '(?:ab)', '(a|b|)', '(?:b*|1)');
    const repeats = fc.constantFrom('', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?');
    const sources = fc.array(fc.tuple(atoms, repeats, fc.constantFrom('', '', '', '|')), { maxLength: 8 });
    const texts = fc.stringMatching(/^[ab1\n]{0,8}$/);
    fc.assert(
      fc.property(sources, texts, (parts, text) => {
        const source = parts.map((part) => part.join('')).join('');
        assert.equal(
          matches(source, text),
          new RegExp(`^(?:${source})$`, 'su').test(text),
          `${source} on ${JSON.stringify(text)}`,
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('takes time in proportion to the text, where trying one way after the other never ends', () => {
    const text = `${'a'.repeat(1000)}!`;
    for (const source of ['(a+)+', '(a|a)*', '(a*)*b', `${'a?'.repeat(100)}${'a'.repeat(100)}`]) matches(source, text);
  });

  it('never throws, whatever the expression', () => {
    const pieces = fc.constantFrom(
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '*',
      '+',
      '?',
      '|',
      '\\',
      '^',
      '$',
      '-',
      ',',
      '1',
      '9',
      'a',
      ':',
      '🦊',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const regex = linearRegex(parts.join(''));
        if (regex.ok) regex.value.matches('aaa');
      }),
      { numRuns: 3000 },
    );
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clean, printableJson } from './clean.ts';

const CASES: readonly (readonly [given: string, expected: string, why: string])[] = [
  ['plain text', 'plain text', 'left alone'],
  ['größe 設定 🚀', 'größe 設定 🚀', 'letters of every script are left alone'],
  ['\x1b[31mred\x1b[0m', 'red', 'colours go whole'],
  ['\x9b31mred', 'red', 'the one-byte spelling of the same'],
  ['\x1b]0;owned\x07title', 'title', 'a window title, ended by BEL'],
  ['\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\', 'link', 'a hyperlink, ended by ST'],
  ['\x1b]0;never ended', '', 'a string that never ends swallows the rest, as a terminal would'],
  ['\x1b[2J\x1b[Hgone', 'gone', 'clearing the screen'],
  ['\x1bcreset', 'reset', 'a full reset'],
  ['\x1b(0line', 'line', 'another character set'],
  ['one\ntwo\r\nthree\tfour', 'one two three four', 'always one line'],
  ['bell\x07 back\x08space del\x7f', 'bell backspace del', 'single controls'],
  ['abc\u202edcba\u202c', 'abcdcba', 'text that would be shown backwards'],
  ['  edges  ', 'edges', 'trimmed'],
  ['\x1b', '', 'a lone ESC'],
];

for (const [given, expected, why] of CASES) {
  test(`clean: ${why}`, () => assert.equal(clean(given), expected));
}

test('clean leaves no control character of any text', () => {
  const anything = fc.string({
    unit: fc.constantFrom('\x1b', '\x9b', '[', ']', '0', ';', 'm', 'a', '\x07', '\x9d', '\u202e', '\n', '漢'),
  });
  fc.assert(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
    fc.property(anything, (text) => !/[\x00-\x1f\x7f-\x9f\u202a-\u202e]/.test(clean(text))),
    { numRuns: 2000 },
  );
});

test('printableJson parses to the same value and holds no control character', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (json, text) => {
      const value = { json, text: `\x9b31m\u202e${text}` };
      const printed = printableJson(value);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
      assert.doesNotMatch(printed, /[\x00-\x1f\x7f-\x9f\u202a-\u202e]/);
      assert.deepEqual(JSON.parse(printed), JSON.parse(JSON.stringify(value)));
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pad, truncate, wrap } from './fit.ts';
import { textWidth } from './textWidth.ts';

const WIDTHS: readonly (readonly [text: string, width: number, why: string])[] = [
  ['', 0, 'nothing'],
  ['abc', 3, 'ASCII'],
  ['größe', 5, 'accented letters'],
  ['e\u0301', 1, 'a letter with a combining accent'],
  ['設定', 4, 'ideographs are two columns'],
  ['한글', 4, 'hangul syllables are two columns'],
  ['ﾊﾝ', 2, 'half-width katakana are one column'],
  ['Ａ', 2, 'full-width Latin'],
  ['🚀', 2, 'an emoji'],
  ['👩‍👩‍👧', 2, 'a family joined into one emoji'],
  ['🇪🇺', 2, 'a flag of two letters'],
  ['❤️', 2, 'a heart asked to be an emoji'],
  ['✓', 1, 'a check mark'],
  ['█▌·…', 4, 'what meters are drawn with'],
  ['\u200b', 0, 'a zero-width space'],
];

for (const [text, width, why] of WIDTHS) {
  test(`textWidth: ${why}`, () => assert.equal(textWidth(text), width));
}

const CUTS: readonly (readonly [text: string, width: number, expected: string, why: string])[] = [
  ['abc', 3, 'abc', 'fits'],
  ['abcd', 3, 'ab…', 'cut'],
  ['abcd', 1, '…', 'only the mark'],
  ['abcd', 0, '', 'no room at all'],
  ['設定値', 4, '設…', 'a wide character that would stick out is left out whole'],
  ['ab cd', 4, 'ab…', 'no space before the mark'],
];

for (const [text, width, expected, why] of CUTS) {
  test(`truncate: ${why}`, () => assert.equal(truncate(text, width), expected));
}

test('pad fills by columns, not by code units', () => {
  assert.equal(pad('設', 4), '設  ');
  assert.equal(pad('7', 3, 'right'), '  7');
  assert.equal(pad('long', 2), 'long');
});

test('wrap breaks at spaces, and inside a word only when a whole line is too short for it', () => {
  assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
  assert.deepEqual(wrap('abcdefgh ij', 3), ['abc', 'def', 'gh', 'ij']);
  assert.deepEqual(wrap('ring=broad,region=eu|us', 12), ['ring=broad,', 'region=eu|us']);
  assert.deepEqual(wrap('設定 設定', 5), ['設定', '設定']);
  assert.deepEqual(wrap('', 10), ['']);
});

test('nothing that was cut or wrapped is wider than it was told to be', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '設', '🚀', 'é', '…', 'b') });
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 20 }), (given, width) => {
      assert.ok(textWidth(truncate(given, width)) <= width);
      for (const line of wrap(given, width)) assert.ok(textWidth(line) <= width, line);
      assert.equal(wrap(given, width).join('').replaceAll(' ', ''), given.replaceAll(' ', ''));
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DiffLine, diffLines } from './diffLines.ts';

const shown = (lines: readonly DiffLine[]) =>
  lines.map(({ kind, text }) => `${{ same: ' ', added: '+', removed: '-', gap: '~' }[kind]}${text}`);

const CASES: readonly { before: string; after: string; says: readonly string[]; why: string }[] = [
  { before: '', after: '', says: [], why: 'nothing' },
  { before: '', after: 'a\nb\n', says: ['+a', '+b'], why: 'from a baseline that nobody saw' },
  { before: 'a\nb\nc\n', after: 'a\nx\nc\n', says: [' a', '-b', '+x', ' c'], why: 'one line in the middle' },
  {
    before: 'a\nb\n',
    after: 'a\nb',
    says: ['~2 lines the same'],
    why: 'the end of the last line is not a difference to people',
  },
  {
    before: '1\n2\n3\n4\n5\n6\n7\n8\n9\n',
    after: '1\n2\n3\n4\n5\n6\n7\n8\nx\n',
    says: ['~5 lines the same', ' 6', ' 7', ' 8', '-9', '+x'],
    why: 'three lines stand around what differs, the others give way',
  },
];

for (const { before, after, says, why } of CASES) {
  test(`differences: ${why}`, () => assert.deepEqual(shown(diffLines(before, after)), says));
}

test('what is removed and what stays is the text before, what is added and what stays the text after; numbers are those of the lines', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 })
    .map((lines) => lines.map((line) => `${line}\n`).join(''));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const [from, to] = [before.split('\n'), after.split('\n')];
      let left = 0;
      for (const line of diffLines(before, after)) {
        if (line.kind === 'gap') left += Number(/^\d+/.exec(line.text)?.[0]);
        if (line.before !== null) assert.equal(from[line.before - 1], line.text);
        if (line.after !== null) assert.equal(to[line.after - 1], line.text);
      }
      const count = (kind: DiffLine['kind']) => diffLines(before, after).filter((line) => line.kind === kind).length;
      assert.equal(count('same') + left + count('removed'), from.length - 1);
      assert.equal(count('same') + left + count('added'), to.length - 1);
    }),
  );
});

test('texts too large to compare line by line are set against each other as blocks', () => {
  const lines = (word: string) => Array.from({ length: 3000 }, (_, index) => `${word} ${index}\n`).join('');
  const found = diffLines(lines('old'), lines('new'));
  assert.deepEqual([found.length, found[0]?.kind, found.at(-1)?.kind], [6000, 'removed', 'added']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MANIFEST_KINDS } from './manifestKinds.ts';
import { toProblem } from './manifestProblem.ts';
import { parseManifests } from './parseManifests.ts';
import { parseManifestValue } from './parseManifestValue.ts';
import { renderProblem } from './renderProblem.ts';

const KINDS = Object.keys(MANIFEST_KINDS).join(', ');

const mistake = { path: ['a'], at: 'value', found: 'x', expected: 'y', suggestion: null } as const;

/** A problem at the place of `«` in a text. */
function at(marked: string) {
  const before = marked.slice(0, marked.indexOf('«')).split('\n');
  const position = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  return renderProblem(toProblem(mistake, 'f.yaml', position), marked.replace('«', ''));
}

test('a problem is printed with its place, its sentence, the line and a mark under the place', () => {
  const text = 'apiVersion: ringfence.dev/v1\nkind: Servce\n';
  const parsed = parseManifests(text, 'shop.yaml');
  assert.ok(!parsed.ok && parsed.error[0]);
  assert.equal(
    renderProblem(parsed.error[0], text),
    [
      `shop.yaml:2:7: kind: found the text "Servce", expected one of: ${KINDS}; did you mean "Service"?`,
      '    2 | kind: Servce',
      '      |       ^^^^^^',
    ].join('\n'),
  );
});

// biome-ignore format: a table
const MARKS: readonly (readonly [text: string, line: string, mark: string, why: string])[] = [
  ['a: «"b c", d', '    1 | a: "b c", d', '      |    ^^^^^', 'quoted text as a whole'],
  ['a: «5 sec # why', '    1 | a: 5 sec # why', '      |    ^^^^^', 'plain text up to the comment'],
  ['a: «[1, 2]', '    1 | a: [1, 2]', '      |    ^', 'a bracket alone'],
  ['a: «', '    1 | a: ', '      |    ^', 'the end of a line'],
  ['\ta:\t«b', '    1 | \ta:\tb', '      | \t  \t^', 'tabs stay tabs, so the mark stands right at any width'],
  ['ä😀: «b\r\n', '    1 | ä😀: b', '      |     ^', 'letters are counted as they are seen, and the carriage return is no part of the line'],
  [`${'x'.repeat(100)} «b ${'y'.repeat(100)}`, `    1 | …${'x'.repeat(59)} b ${'y'.repeat(58)}…`, `      | ${' '.repeat(61)}^`, 'a long line is cut on both sides'],
];
for (const [text, line, mark, why] of MARKS) {
  test(`the mark: ${why}`, () => {
    const [, ...below] = at(text).split('\n');
    assert.equal(below[0], line);
    assert.equal(below[1]?.replace(/\^+$/, '^'), mark.replace(/\^+$/, '^'));
    if (mark.endsWith('^^')) assert.equal(below[1], mark);
  });
}

test('line numbers of any length keep the margin straight', () => {
  const [, line, mark] = at(`${'\n'.repeat(99_999)}«a`).split('\n');
  assert.equal(line, ' 100000 | a');
  assert.equal(mark, '        | ^');
});

test('without a position it is the sentence alone', () => {
  const parsed = parseManifestValue(5);
  assert.ok(!parsed.ok && parsed.error[0]);
  assert.equal(
    renderProblem(parsed.error[0], ''),
    'found the number 5, expected a mapping with apiVersion, kind, metadata and spec',
  );
});

test('a hostile manifest does not speak to the terminal', () => {
  const text = 'kind: "\u{1b}]0;owned\u{7}\u{202e}"\n';
  const parsed = parseManifests(text, 'f\u{1b}.yaml');
  assert.ok(!parsed.ok);
  for (const problem of parsed.error) assert.doesNotMatch(renderProblem(problem, text), /[^\P{C}\n]/u);
});

test('never throws, whatever the text and the place', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat({ max: 20 }), fc.nat({ max: 200 }), (text, line, column) => {
      renderProblem(toProblem(mistake, text, { line: line + 1, column: column + 1 }), text);
    }),
  );
});

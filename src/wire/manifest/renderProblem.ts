import type { ManifestProblem } from './manifestProblem.ts';

/** Signs of the source line that are shown around the mistake. */
const BEFORE = 60;
const AFTER = 60;

/**
 * A problem as a good compiler prints it: where, what, the line, and a mark under the place. Control characters of the text are
 * replaced, so that a hostile manifest cannot speak to the terminal.
 *
 * ```
 * shop.yaml:12:16: spec.stages[0].bake.minimum: found the text "5 sec", expected a duration such as 30s
 *    12 |       minimum: 5 sec
 *       |                ^^^^^
 * ```
 */
export function renderProblem(problem: ManifestProblem, sourceText: string): string {
  const { file, position } = problem;
  if (position === null) return printable([file, problem.says].filter((part) => part !== '').join(': '));
  const head = printable(`${file}:${position.line}:${position.column}: ${problem.says}`);
  const line = lineAt(sourceText, position.line);
  if (line === null) return head;
  const at = position.column - 1;
  const from = Math.max(0, at - BEFORE);
  const shown = line.slice(from, at + AFTER);
  const marked =
    /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,{}[\]:]+(?: [^\s,{}[\]:#]+)*)/.exec(shown.slice(at - from))?.[0] ?? '';
  const number = String(position.line);
  const lead = from > 0 ? '…' : '';
  const tail = at + AFTER < line.length ? '…' : '';
  // Tabs stay tabs in the line of the mark, so that it stands under its place at any width of tab.
  const indent = lead + shown.slice(0, at - from);
  const gap = [...indent].map((sign) => (sign === '\t' ? '\t' : ' ')).join('');
  const margin = ' '.repeat(Math.max(5, number.length + 1));
  return [
    head,
    `${number.padStart(margin.length)} | ${lead}${printable(shown)}${tail}`,
    `${margin} | ${gap}${'^'.repeat(Math.max(1, [...marked].length))}`,
  ].join('\n');
}

function lineAt(text: string, line: number): string | null {
  let start = 0;
  for (let number = 1; number < line; number++) {
    const end = text.indexOf('\n', start);
    if (end === -1) return null;
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  return text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '');
}

/** Tabs stay; every other control or formatting character becomes a visible stand-in of the same width. */
function printable(text: string): string {
  return text.replace(/[^\P{C}\t]/gu, '\u{fffd}');
}

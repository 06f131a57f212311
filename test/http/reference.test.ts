import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { rolesFor } from '../../src/core/policy/authority.ts';
import { OPERATIONS } from '../../src/wire/http/operations.ts';
import { PROBLEMS } from '../../src/wire/http/problem.ts';

const page = readFileSync(new URL('../../docs/reference/http-api.md', import.meta.url), 'utf8');

/** The rows that stand on the page under a heading. */
function rowsUnder(heading: string): readonly string[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return section.split('\n').filter((line) => line.startsWith('| `'));
}

test('the reference lists every operation as it is', () => {
  const rows = OPERATIONS.map(({ method, path, access, summary, answers }) => {
    const roles = access === 'anyone' ? 'anyone' : rolesFor(access).join(', ');
    return `| \`${method} ${path}\` | ${roles} | ${summary} | ${Object.keys(answers).join(', ')} |`;
  });
  assert.deepEqual(rowsUnder('Operations'), rows);
});

test('the reference lists every problem as it is', () => {
  const rows = Object.entries(PROBLEMS).map(([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`);
  assert.deepEqual(rowsUnder('Problems'), rows);
});

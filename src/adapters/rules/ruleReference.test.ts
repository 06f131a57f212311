import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ruleReference } from './ruleReference.ts';

test('docs/reference/rules.md says what a rule can be made of', () => {
  const page = readFileSync(new URL('../../../docs/reference/rules.md', import.meta.url), 'utf8');
  assert.equal(page, ruleReference(), 'stale: run node src/adapters/rules/writeReference.ts');
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EXIT_CODES } from '../exitCodes.ts';
import { buildProgram } from '../tree/program.ts';
import { cliReference } from './cliReference.ts';
import { exitCodesReference } from './exitCodesReference.ts';

const AGAIN = 'stale: run node src/apps/cli/reference/writeReference.ts';
const page = (name: string) => readFileSync(new URL(`../../../../docs/reference/${name}`, import.meta.url), 'utf8');

test('docs/reference/cli.md says what the program has', () => {
  assert.equal(page('cli.md'), cliReference(buildProgram(async () => {})), AGAIN);
});

test('docs/reference/exit-codes.md has every exit code, and each number means one thing', () => {
  assert.equal(page('exit-codes.md'), exitCodesReference(), AGAIN);
  const codes = Object.values(EXIT_CODES).map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
});

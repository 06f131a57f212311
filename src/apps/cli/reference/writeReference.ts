// Writes the pages of docs/reference/ that are made from the program: node src/apps/cli/reference/writeReference.ts
import { writeFileSync } from 'node:fs';
import { buildProgram } from '../tree/program.ts';
import { cliReference } from './cliReference.ts';
import { exitCodesReference } from './exitCodesReference.ts';

const folder = new URL('../../../../docs/reference/', import.meta.url);
writeFileSync(new URL('cli.md', folder), cliReference(buildProgram(async () => {})));
writeFileSync(new URL('exit-codes.md', folder), exitCodesReference());

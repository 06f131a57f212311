// Writes docs/reference/rules.md: node src/adapters/rules/writeReference.ts
import { writeFileSync } from 'node:fs';
import { ruleReference } from './ruleReference.ts';

writeFileSync(new URL('../../../docs/reference/rules.md', import.meta.url), ruleReference());

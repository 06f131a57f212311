import type { Verdict } from '../../core/analysis/verdict.ts';
import { toInstant } from '../../wire/http/schema.ts';
import type { VerdictBody } from '../../wire/http/verdict.ts';
import type { Sent } from './route.ts';

export function toVerdict(verdict: Verdict): Sent<VerdictBody> {
  const { next } = verdict;
  if (next === null) return { ...verdict, next };
  return { ...verdict, next: { ...next, expectedAt: next.expectedAt === null ? null : toInstant(next.expectedAt) } };
}

import type { Rule } from '../../../core/policy/rule.ts';
import { type RuleFacts, ruleFacts } from '../../../core/policy/ruleFacts.ts';

export const ruleOf = (require: string, more: Partial<Rule> = {}): Rule => ({
  name: 'mine',
  before: 'wave',
  require,
  says: 'not so',
  timeZone: 'UTC',
  ...more,
});

/** Thursday, 24 December 2026, 21:30 in Berlin. */
export const CHRISTMAS_EVE = Date.UTC(2026, 11, 24, 20, 30);

const stage = (name: string, ...targets: readonly number[]) => ({
  name,
  targets: targets.at(-1) ?? 0,
  waves: targets.map((open) => ({ below: 1, targets: open })),
});

/** The second wave of the second of three stages. */
export function someFacts(more: Partial<RuleFacts> = {}, now = CHRISTMAS_EVE): RuleFacts {
  const facts = ruleFacts(
    {
      change: {
        digest: `sha256:${'c'.repeat(64)}`,
        name: 'faster-search',
        service: 'shop',
        roles: ['api', 'web'],
        slots: { 'config/shop': `sha256:${'a'.repeat(64)}` },
        reason: 'search is slow',
        author: 'kim',
      },
      pipeline: 'shop',
      plan: [stage('canary', 2), stage('pilot', 4, 8), stage('rest', 80)],
      unstaged: 10,
      stage: 1,
      wave: 1,
      dependents: ['checkout'],
      fleet: { targets: 100, connected: 97, unhealthy: 1 },
      rollout: { id: 'shop-2', startedBy: 'lee', startedAt: now - 3_600_000 },
    },
    now,
  );
  return { ...facts, ...more };
}

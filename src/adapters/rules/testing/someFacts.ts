import type { Pipeline } from '../../../core/policy/pipeline.ts';
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

/** As much of a pipeline as rules are checked against: so many stages of one wave. */
export const pipelineOf = (rules: readonly Rule[], stages = 1): Pick<Pipeline, 'rules' | 'stages'> => ({
  rules,
  stages: Array.from({ length: stages }, (_, index) => ({
    name: `stage-${index}`,
    targets: {},
    waves: [{ share: 1 }],
    bake: { minimumMs: 0, exposure: null, deadlineMs: 1 },
    applyDeadlineMs: 1,
    tolerateFailures: 0,
    promote: 'auto',
  })),
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
      stage: 1,
      wave: 1,
      rollout: { id: 'shop-2', startedBy: 'lee', startedAt: now - 3_600_000 },
    },
    {
      targets: 100,
      unstaged: () => 10,
      dependents: ['checkout'],
      trafficShare: () => 0.25,
      fleet: { targets: 100, connected: 97, unhealthy: 1 },
    },
    now,
  );
  return { ...facts, ...more };
}

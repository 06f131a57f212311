import type { Instant } from '../kernel/instant.ts';
import { unjudged } from '../policy/planRules.ts';
import { judgeRules, type RuleOutcome, refusing, sayRefusing } from '../policy/rule.ts';
import { ruleFacts } from '../policy/ruleFacts.ts';
import type { DomainEvent } from '../record/event.ts';
import type { Assessment } from './assessment.ts';
import type { Rollout } from './rollout.ts';

/**
 * Law 16: what the pipeline's rules have against what these events would open; empty when they open nothing, or no rule minds. The
 * rules are those the rollout was started with, and they are asked anew every time. What goes back never comes here.
 */
export function rulesAgainst(
  rollout: Rollout,
  events: readonly DomainEvent[],
  assessment: Assessment,
  now: Instant,
): readonly RuleOutcome[] {
  const { rules = [], name } = rollout.pipeline;
  const opening = events.find((event) => event.type === 'WaveOpened');
  if (rules.length === 0 || opening === undefined) return [];
  if (assessment.rules === undefined) return rules.map((rule) => unjudged(rule.name));
  const { stage, wave } = opening.data;
  const { id, startedBy, startedAt, change, plan } = rollout;
  const asked = { change, pipeline: name, plan, rollout: { id, startedBy, startedAt }, stage, wave };
  const facts = ruleFacts(asked, assessment.rules.around, now);
  return refusing(judgeRules(rules, stage > rollout.stage ? 'stage' : 'wave', facts, assessment.rules.judge));
}

/** What the rules have now against what would open next; empty: nothing. */
export function sayRules(rollout: Rollout, assessment: Assessment, now: Instant): string {
  const { id, phase, stage, wave, plan } = rollout;
  const inStage = phase === 'rehearsing' ? wave : wave + 1;
  const further = phase === 'rolling' || phase === 'rehearsing';
  const next = further ? { stage, wave: inStage } : { stage: stage + 1, wave: 0 };
  const below = plan[next.stage]?.waves[next.wave]?.below;
  if (below === undefined) return '';
  const opening: DomainEvent = { type: 'WaveOpened', data: { id, ...next, below, absent: [] } };
  return rulesAgainst(rollout, [opening], assessment, now).map(sayRefusing).join('; ');
}

import type { Instant } from '../kernel/instant.ts';
import { unjudged } from '../policy/planRules.ts';
import { judgeRules, type RuleOutcome, refusing, sayRefusing } from '../policy/rule.ts';
import { ruleFacts } from '../policy/ruleFacts.ts';
import type { DomainEvent } from '../record/event.ts';
import type { Assessment } from './assessment.ts';
import { aheadOf } from './openAhead.ts';
import type { Rollout } from './rollout.ts';

/**
 * Law 16: what the pipeline's rules have against what these events would open; empty when they open nothing, or no rule minds. The
 * rules are those the rollout was started with, and they are asked anew every time, before each step of a wave too. What goes back
 * never comes here.
 */
export function rulesAgainst(
  rollout: Rollout,
  events: readonly DomainEvent[],
  assessment: Assessment,
  now: Instant,
): readonly RuleOutcome[] {
  const opening = events.find((event) => event.type === 'WaveOpened');
  if (opening !== undefined) return against(rollout, opening.data, assessment, now);
  return events.some(({ type }) => type === 'WaveWidened') ? against(rollout, rollout, assessment, now) : [];
}

/** What the rules have now against what would open next; empty: nothing. */
export function sayRules(rollout: Rollout, assessment: Assessment, now: Instant): string {
  const ahead = aheadOf(rollout);
  return ahead === null ? '' : against(rollout, ahead, assessment, now).map(sayRefusing).join('; ');
}

function against(
  rollout: Rollout,
  { stage, wave }: { readonly stage: number; readonly wave: number },
  { rules: conditions }: Assessment,
  now: Instant,
): readonly RuleOutcome[] {
  const { rules = [], name } = rollout.pipeline;
  if (conditions === undefined) return rules.map((rule) => unjudged(rule.name));
  if (rules.length === 0) return [];
  const { id, startedBy, startedAt, change, plan } = rollout;
  const asked = { change, pipeline: name, plan, rollout: { id, startedBy, startedAt }, stage, wave };
  const facts = ruleFacts(asked, conditions.around, now);
  return refusing(judgeRules(rules, stage > rollout.stage ? 'stage' : 'wave', facts, conditions.judge));
}

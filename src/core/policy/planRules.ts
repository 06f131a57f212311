import type { Instant } from '../kernel/instant.ts';
import type { Refusal } from '../kernel/refusal.ts';
import type { Conditions } from './conditions.ts';
import type { PlannedRule } from './plan.ts';
import { judgeRules, type Rule, type RuleOutcome, refuseByRules } from './rule.ts';
import { type AskedOpening, type RuleSurroundings, ruleFacts } from './ruleFacts.ts';

/** A rollout that is planned: it has not been started by anybody yet. */
type Planned = Omit<AskedOpening, 'stage' | 'wave' | 'rollout'> & { readonly rollout: string };

/**
 * What every rule says of everything that a plan would open, as if that were opened now: one line a rule and stage, with the first
 * wave that it refuses. Only what it says of the first wave of the first stage refuses the start: the rest is asked again when it
 * comes to it.
 */
export function planRules(
  rules: readonly Rule[],
  planned: Planned,
  surroundings: Omit<RuleSurroundings, 'fleet'>,
  conditions: Conditions['rules'],
  now: Instant,
): { readonly shown: readonly PlannedRule[]; readonly refusals: readonly Refusal[] } {
  if (rules.length === 0) return { shown: [], refusals: [] };
  if (conditions === undefined) {
    const unasked = rules.map(({ name }) => unjudged(name));
    return { shown: [], refusals: refuseByRules(unasked) };
  }
  const { judge, startedBy, fleet } = conditions;
  const rollout = { id: planned.rollout, startedBy, startedAt: now };
  const around = { ...surroundings, fleet };
  const shown = new Map<string, PlannedRule>();
  let refusals: readonly Refusal[] = [];
  planned.plan.forEach(({ name, waves }, stage) => {
    for (const wave of waves.keys()) {
      const moment = wave > 0 ? 'wave' : stage > 0 ? 'stage' : 'start';
      const facts = ruleFacts({ ...planned, rollout, stage, wave }, around, now);
      const outcomes = judgeRules(rules, moment, facts, judge);
      for (const outcome of outcomes) {
        const key = `${outcome.rule}\n${stage}`;
        const before = shown.get(key);
        if (before === undefined || (before.outcome === 'passes' && outcome.outcome !== 'passes'))
          shown.set(key, { ...outcome, stage: name, wave: wave + 1 });
      }
      if (moment === 'start') refusals = refuseByRules(outcomes);
    }
  });
  return { shown: [...shown.values()], refusals };
}

/** Nobody is there to evaluate it: shut. */
export function unjudged(rule: string): RuleOutcome {
  return { rule, outcome: 'error', says: 'there is nothing here that evaluates rules' };
}

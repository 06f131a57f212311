import type { Refusal } from '../kernel/refusal.ts';
import type { RuleFacts, RuleSurroundings } from './ruleFacts.ts';

/** When a rule is asked. What opens a later moment has passed the earlier ones: `wave` is asked before a start and a stage too. */
export const RULE_MOMENTS = ['start', 'stage', 'wave'] as const;
export type RuleMoment = (typeof RULE_MOMENTS)[number];

/** What a pipeline demands beyond the laws, as an expression over the plan. It can only close a gate, never open one. */
export interface Rule {
  readonly name: string;
  readonly before: RuleMoment;
  /** In CEL; true lets it go on. */
  readonly require: string;
  /** For people, when it does not. */
  readonly says: string;
  /** The IANA name of the zone in which `time` is told. */
  readonly timeZone: string;
}

/** Only `passes` lets anything go on: a rule that cannot be evaluated refuses. */
export interface RuleOutcome {
  readonly rule: string;
  readonly outcome: 'passes' | 'refuses' | 'error';
  /** The rule's own words; of an error, what went wrong. */
  readonly says: string;
}

/** Evaluates one rule. A function of its arguments alone, bounded in work, and it never throws. */
export type RuleJudge = (rule: Rule, facts: RuleFacts) => RuleOutcome;

/** Who evaluates rules, and what of the facts only the engine knows. */
export interface RuleConditions {
  readonly judge: RuleJudge;
  readonly around: RuleSurroundings;
}

/** The one way in which rules are asked, for plans, starts, stages and waves alike: those that bind before this moment. */
export function judgeRules(
  rules: readonly Rule[],
  moment: RuleMoment,
  facts: RuleFacts,
  judge: RuleJudge,
): readonly RuleOutcome[] {
  const order = RULE_MOMENTS.indexOf(moment);
  return rules
    .filter(({ before }) => RULE_MOMENTS.indexOf(before) >= order)
    .map((rule) => ({ ...judge(rule, facts), rule: rule.name }));
}

export function refusing(outcomes: readonly RuleOutcome[]): readonly RuleOutcome[] {
  return outcomes.filter(({ outcome }) => outcome !== 'passes');
}

export function sayRefusing({ rule, outcome, says }: RuleOutcome): string {
  return outcome === 'error'
    ? `rule "${rule}" cannot be evaluated, and so refuses: ${says}`
    : `rule "${rule}" refuses: ${says}`;
}

/** The refusal of a start or a promotion, one for each rule. */
export function refuseByRules(outcomes: readonly RuleOutcome[]): readonly Refusal[] {
  return refusing(outcomes).map((outcome) => ({
    code: 'rule-refused',
    says: sayRefusing(outcome),
    remedy: 'put right what it names, or change the rule in the pipeline; no rule stands in the way of a rollback',
  }));
}

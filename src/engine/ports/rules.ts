import type { Pipeline } from '../../core/policy/pipeline.ts';
import type { RuleJudge } from '../../core/policy/rule.ts';

/**
 * The language in which a pipeline's rules are written. What a rule costs is known before it is ever evaluated, and bounded:
 * hostile rules are refused by {@link Rules.fault} and cost no more than their length.
 */
export interface Rules {
  /**
   * Why a pipeline's rules cannot be used, with what to do; `null`: they can. Then every name in them is known, the types fit, the
   * outcome is true or false, and asking all of them before everything that the pipeline opens is cheap.
   */
  fault(pipeline: Pick<Pipeline, 'rules' | 'stages'>): RuleFault | null;

  /**
   * Fails closed: what cannot be evaluated (it is on the record from before this version and has a fault, it divides by nothing,
   * it looks beyond the end of a list) is an `error`, which refuses.
   */
  readonly judge: RuleJudge;
}

export interface RuleFault {
  readonly rule: string;
  readonly says: string;
  readonly remedy: string;
}

import { type CelInput, type CelResult, CelScalar, celEnv, isCelError, mapType, plan } from '@bufbuild/cel';
import type { Rule, RuleJudge, RuleOutcome } from '../../core/policy/rule.ts';
import type { RuleFacts } from '../../core/policy/ruleFacts.ts';
import type { RuleFault, Rules } from '../../engine/ports/rules.ts';
import { canonicalTimeZone } from '../../wire/manifest/freeze.ts';
import { checkRule } from './checkRule.ts';
import { localTime } from './localTime.ts';
import { LIMITS, type RuleValues, VARIABLES } from './ruleLanguage.ts';
import { RuleMistake } from './ruleMistake.ts';
import { ruleValues } from './ruleValues.ts';

type Evaluate = (facts: RuleFacts) => CelResult;

interface CompiledRule {
  readonly evaluate: Evaluate;
  readonly steps: number;
}

const ENVIRONMENT = celEnv({
  variables: Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, mapType(CelScalar.STRING, CelScalar.DYN)])),
});

/** Rules in the Common Expression Language (CEL). */
export function createRules(): Rules {
  // Rollouts ask the same rule again and again; a pipeline is never changed in place.
  const compiled = new WeakMap<Rule, CompiledRule | RuleMistake>();
  const compiledOf = (rule: Rule): CompiledRule | RuleMistake => {
    let found = compiled.get(rule);
    if (found === undefined) {
      found = compile(rule);
      compiled.set(rule, found);
    }
    return found;
  };

  const judge: RuleJudge = (rule, facts) => {
    const found = compiledOf(rule);
    if (found instanceof RuleMistake) return failed(rule, sayMistake(rule, found));
    try {
      const value = found.evaluate(facts);
      if (isCelError(value)) return failed(rule, value.message);
      if (typeof value !== 'boolean') return failed(rule, 'it came to something else than true or false');
      return { rule: rule.name, outcome: value ? 'passes' : 'refuses', says: rule.says };
    } catch (error) {
      return failed(rule, error instanceof Error ? error.message : String(error));
    }
  };

  return { judge, fault: (pipeline) => findFault(pipeline, compiledOf) };
}

function findFault(
  { rules = [], stages }: Parameters<Rules['fault']>[0],
  compiledOf: (rule: Rule) => CompiledRule | RuleMistake,
): RuleFault | null {
  const waves = stages.reduce((sum, stage) => sum + stage.waves.length, 0);
  const openings = { start: 1, stage: stages.length, wave: waves };
  let steps = 0;
  for (const rule of rules) {
    if (canonicalTimeZone(rule.timeZone) === null) {
      const says = `there is no time zone "${rule.timeZone}"`;
      return { rule: rule.name, says, remedy: 'name one of the IANA database, such as UTC' };
    }
    const found = compiledOf(rule);
    if (found instanceof RuleMistake) return { rule: rule.name, says: sayMistake(rule, found), remedy: found.remedy };
    steps += found.steps * openings[rule.before];
    if (steps > LIMITS.pipelineSteps) {
      const says = `with it the rules may take ${steps} steps in a whole rollout, at most ${LIMITS.pipelineSteps} allowed`;
      return { rule: rule.name, says, remedy: 'have fewer of them, or such that go over fewer lists' };
    }
  }
  return null;
}

function compile(rule: Rule): CompiledRule | RuleMistake {
  try {
    const { parsed, uses, steps } = checkRule(rule.require);
    const run = plan(ENVIRONMENT, parsed) as (given: Record<string, CelInput>) => CelResult;
    const evaluate: Evaluate = ({ now, ...facts }) => {
      const values: RuleValues = { ...facts, time: localTime(now, rule.timeZone) };
      return run(ruleValues(values, uses));
    };
    return { evaluate, steps };
  } catch (error) {
    return error instanceof RuleMistake
      ? error
      : new RuleMistake(`it cannot be used: ${String(error)}`, 'write it otherwise');
  }
}

function failed({ name }: Rule, says: string): RuleOutcome {
  return { rule: name, outcome: 'error', says };
}

function sayMistake({ require }: Rule, { message, offset }: RuleMistake): string {
  if (offset === null) return message;
  const before = require.slice(0, offset).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  return `${before.length > 1 ? `line ${before.length}, column ${column}` : `column ${column}`}: ${message}`;
}

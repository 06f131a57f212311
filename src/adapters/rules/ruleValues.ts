import type { CelInput } from '@bufbuild/cel';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type Field, LIMITS, type RuleValues, type Type, VARIABLES } from './ruleLanguage.ts';
import { RuleMistake } from './ruleMistake.ts';

/** What an expression is given: the fields it uses and nothing else, as the library wants them. Throws a {@link RuleMistake} where one is too large. */
export function ruleValues(values: RuleValues, uses: ReadonlySet<string>): Record<string, Record<string, CelInput>> {
  const given: Record<string, Record<string, CelInput>> = {};
  for (const use of uses) {
    const [variable = '', field = ''] = use.split('.');
    const fields: Readonly<Record<string, Field>> = VARIABLES[variable as keyof RuleValues].fields;
    const of = values[variable as keyof RuleValues] as unknown as Readonly<Record<string, unknown>>;
    given[variable] = { ...given[variable], [field]: toInput(of[field], fields[field]?.type ?? 'string', use) };
  }
  return given;
}

function toInput(value: unknown, type: Type, use: string): CelInput {
  if (typeof type === 'object' && 'list' in type) {
    const items = value as readonly unknown[];
    if (items.length > LIMITS.listItems)
      throw new RuleMistake(`${use} has ${items.length} items, at most ${LIMITS.listItems} are looked at`, '');
    return items.map((item) => toInput(item, type.list, use));
  }
  if (typeof type === 'object' && 'fields' in type) {
    const of = value as Readonly<Record<string, unknown>>;
    const entries = Object.entries(type.fields).map(([field, { type }]) => [field, toInput(of[field], type, use)]);
    return Object.fromEntries(entries) as CelInput;
  }
  if (value === null) throw new RuleMistake(`${use} is not known`, '');
  if (type === 'int') return BigInt(value as number);
  if (type === 'timestamp') return timestampFromMs(value as number);
  if (typeof value === 'string' && value.length > LIMITS.textCharacters)
    throw new RuleMistake(`${use} has ${value.length} characters, at most ${LIMITS.textCharacters} are looked at`, '');
  return value as CelInput;
}

import { RULE_MOMENTS } from '../../core/policy/rule.ts';
import { OPERATORS } from './operators.ts';
import { type Field, FUNCTIONS, LIMITS, MACROS, sayType, TEXT_METHODS, VARIABLES } from './ruleLanguage.ts';

/** `docs/reference/rules.md`: everything a rule can be made of. */
export function ruleReference(): string {
  const variables = Object.entries(VARIABLES).map(([name, { says, fields }]) => {
    const rows = Object.entries<Field>(fields).map(
      ([field, { type, says }]) => `| \`${name}.${field}\` | ${typeName(type)} | ${says} |`,
    );
    return `### ${name}\n\n${upper(says)}.\n\n| field | type | what it is |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  const macros = Object.entries(MACROS).map(([name, { says }]) => `| \`list.${name}(x, …)\` | ${says} |`);
  const methods = Object.entries(TEXT_METHODS).map(([name, says]) => `| \`text.${name}(text)\` | ${says} |`);
  const functions = Object.entries(FUNCTIONS).map(([name, says]) => `| \`${name}(…)\` | ${says} |`);
  const signs = [...new Set(Object.values(OPERATORS).map(({ sign }) => `\`${sign}\``))].join(' ');
  return `# Rules

<!-- Made from src/adapters/rules/ruleLanguage.ts by src/adapters/rules/writeReference.ts; a test says when it is stale. -->

What \`require\` of a pipeline's rule can be made of: a part of the Common Expression Language ([CEL](https://cel.dev)). How rules are used
stands in the [guide](../guides/rules.md). The whole must come to true or false; it is asked \`before\`: ${RULE_MOMENTS.map((moment) => `\`${moment}\``).join(', ')}.

## Variables

${variables.join('\n')}
## Operators

${signs}

Whole numbers (\`int\`) and numbers with a fraction (\`double\`, always written with a point) are compared with each other, but not calculated with. A
moment less another is a duration; a duration can be added to a moment. \`list[0]\` is the first item.

## Functions

| | |
|---|---|
${[...functions, ...methods, ...macros].join('\n')}

In \`all\`, \`exists\`, \`exists_one\` and \`filter\`, \`x\` is a name of your own for the item.

Everything else of CEL is refused: mappings, messages, \`null\`, bytes, unsigned numbers, \`has\`, \`map\`, conversions to and from text, and the clock parts of a
timestamp, for which \`time\` has fields.

## Limits

A rule is refused when it is applied if it has more than ${LIMITS.characters} characters, is nested more than ${LIMITS.depth} deep, or may take more than ${LIMITS.steps} steps:
each part is a step, and what goes over a list takes its steps ${LIMITS.listItems} times. All rules of a pipeline, over everything it opens, may take
${LIMITS.pipelineSteps} steps together. A rule that meets a list of more than ${LIMITS.listItems} items or a text of more than ${LIMITS.textCharacters} characters refuses.
`;
}

function typeName(type: Field['type']): string {
  return typeof type === 'object' && 'list' in type && typeof type.list === 'object' && 'fields' in type.list
    ? 'list of stages'
    : sayType(type);
}

function upper(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;
}

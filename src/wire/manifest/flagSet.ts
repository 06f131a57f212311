import { z } from 'zod';
import { FLAG_TYPES, type Flag, type FlagSet, flagTypeOf, type Serving } from '../../core/flags/flagSet.ts';
import type { Json } from '../../core/kernel/canonicalJson.ts';
import { err, ok, type Result } from '../../core/kernel/result.ts';
import { explainIssues } from './explainIssues.ts';
import { always, asList, asMapping, entries, fields, list, mistake, variants } from './fields.ts';
import { toProblem } from './manifestProblem.ts';
import { oneOf, pattern, sentence, word } from './scalars.ts';

const flagKey = pattern(
  'a flag key of at most 127 letters, digits, dashes, dots and underscores, such as new-checkout',
  /^[A-Za-z0-9][-A-Za-z0-9._]{0,126}$/,
);

const weight = z
  .number({ error: 'a weight above 0' })
  .gt(0, { error: 'a weight above 0' })
  .max(1_000_000, { error: 'a weight of at most 1000000' });

const serving = {
  serve: word.optional().describe('the variant that is served'),
  split: entries('a mapping of variants to weights, such as { on: 10, off: 90 }', word, weight, 1)
    .optional()
    .describe(
      'a stable share of users for each variant, by their weights; users keep theirs when the first weight grows',
    ),
};

const rule = variants('a mapping with when, and serve or split', ['serve', 'split'], {
  when: sentence('an expression in CEL, such as context.country == "de"', 1000),
  ...serving,
});

const flag = variants('a mapping with type, variants, and serve or split', ['serve', 'split'], {
  type: oneOf(FLAG_TYPES),
  variants: entries('a mapping of one variant or more, such as { on: true, off: false }', word, z.unknown(), 1),
  disabled: word.optional().describe('switches the flag off: everybody is served this variant, whatever the rules say'),
  rules: list('a list of rules', rule, 100).optional().describe('in order; the first one that is met decides'),
  ...serving,
}).superRefine(variantsFit, always);

/** What a slot of the kind `flags` holds. */
export const flagSetDocument = fields('a mapping with flags', {
  flags: entries('a mapping of flags by their keys', flagKey, flag, 0),
});

type Path = (string | number)[];

/** Every variant is of the flag's type, and every variant that is served is there. */
function variantsFit(found: unknown, sink: Parameters<typeof mistake>[0]): void {
  const { type, variants: written, rules, disabled, ...otherwise } = asMapping(found);
  const values = asMapping(written);
  const known = Object.keys(values);
  for (const [name, value] of Object.entries(values)) {
    if (FLAG_TYPES.some((each) => each === type) && flagTypeOf(value) !== type)
      mistake(sink, ['variants', name], `a value of type ${String(type)}, as the flag is`);
  }
  const isThere = (name: unknown, path: Path, isName = false) => {
    if (typeof name !== 'string' || known.length === 0 || known.includes(name)) return;
    mistake(sink, path, `a variant of the flag: ${known.join(', ')}`, { word: name, known, name: isName });
  };
  const served = (of: Readonly<Record<string, unknown>>, path: Path) => {
    isThere(of.serve, [...path, 'serve']);
    for (const name of Object.keys(asMapping(of.split))) isThere(name, [...path, 'split', name], true);
  };
  isThere(disabled, ['disabled']);
  served(otherwise, []);
  asList(rules).forEach((each, index) => {
    served(asMapping(each), ['rules', index]);
  });
}

/** Reads a document that is known to be plain data. The error has a sentence for each mistake. */
export function readFlagDocument(document: unknown): Result<FlagSet, readonly string[]> {
  const parsed = flagSetDocument.safeParse(document);
  if (!parsed.success)
    return err(explainIssues(document, parsed.error.issues).map((each) => toProblem(each, '', null).says));
  const flags = Object.entries(parsed.data.flags).map(([key, written]): [string, Flag] => [key, toFlag(written)]);
  return ok(new Map(flags));
}

function toFlag({ type, variants: values, disabled, rules = [], ...otherwise }: z.output<typeof flag>): Flag {
  return {
    type,
    variants: values as Readonly<Record<string, Json>>,
    disabled: disabled ?? null,
    rules: rules.map(({ when, ...serving }) => ({ when, serving: toServing(serving) })),
    otherwise: toServing(otherwise),
  };
}

function toServing(written: Pick<z.output<typeof rule>, 'serve' | 'split'>): Serving {
  if (written.serve !== undefined) return { variant: written.serve };
  const split = Object.entries(written.split ?? {}).map(([variant, weight]) => ({ variant, weight }));
  return { split };
}

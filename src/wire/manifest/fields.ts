import { z } from 'zod';

/*
 * How the schemas of this folder speak: the message of every zod issue is what was *expected*, as a noun phrase
 * ("a duration such as 30s"). What was found, where, and what was probably meant is worked out by `explainIssues`.
 */

/** What a cross-field rule adds to its message. */
export interface Hint {
  /** Replaces the description of the value at the issue's path. */
  readonly found?: string;
  /** The word that is not known, and the names that are. */
  readonly word?: string;
  readonly known?: readonly string[];
  /** The mistake is in the entry's name, not in what it holds. */
  readonly name?: boolean;
}

/** What a rule of ours added to an issue. */
export function hintOf(issue: z.core.$ZodIssue): Hint {
  return issue.code === 'custom' ? ((issue.params as { hint?: Hint } | undefined)?.hint ?? {}) : {};
}

/**
 * Lets a rule run although something else in its value is wrong, so that all mistakes are said at once. A rule takes its value
 * as `unknown` and passes over what it cannot read: a value that another check refused arrives as it was written.
 */
export const always = { when: () => true };

type Path = readonly (string | number)[];
interface IssueSink {
  addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string; params: { hint: Hint } }): void;
}

/** Reports a mistake at `path`, relative to the value the rule is on. */
export function mistake(sink: IssueSink, path: Path, expected: string, hint: Hint = {}): void {
  sink.addIssue({ code: 'custom', path: [...path], message: expected, params: { hint } });
}

/** A mapping with exactly these fields. An unknown one is told the known ones: for that issue alone the message is their list. */
export function fields<Shape extends z.core.$ZodLooseShape>(what: string, shape: Shape) {
  const known = Object.keys(shape).join(', ');
  return z
    .strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? known : what) })
    .describe(what);
}

/** Entries by name, `least` of them or more. A bad name does not keep its entry from being read, so both their mistakes are said. */
export function entries<Value extends z.ZodType>(what: string, name: z.ZodType<string>, value: Value, least: 0 | 1) {
  return z
    .record(z.string(), value, { error: what })
    .superRefine((found: unknown, sink) => {
      const names = Object.keys(asMapping(found));
      if (names.length < least) mistake(sink, [], what);
      for (const each of names) {
        const issue = name.safeParse(each).error?.issues[0];
        if (issue)
          mistake(sink, [each], issue.message, {
            ...hintOf(issue),
            found: `the name ${JSON.stringify(each)}`,
            name: true,
          });
      }
    }, always)
    .meta({ description: what, propertyNames: namesOf(name), minProperties: least });
}

/** JSON Schema for the names; inside another schema it must not name its dialect again. */
function namesOf(name: z.ZodType<string>): Readonly<Record<string, unknown>> {
  const { $schema: _, ...schema } = z.toJSONSchema(name, { io: 'input' });
  return schema;
}

/** A list with at least one and at most `most` items. */
export function list<Item extends z.ZodType>(what: string, item: Item, most: number) {
  return z
    .array(item, { error: what })
    .min(1, { error: what })
    .max(most, { error: `${what}, at most ${most}` })
    .describe(what);
}

/** A mapping in which exactly one of the fields `names` says which variant it is. */
export function variants<Shape extends z.core.$ZodLooseShape>(what: string, names: readonly string[], shape: Shape) {
  return fields(what, shape)
    .superRefine((value: unknown, sink) => {
      const mapping = asMapping(value);
      const present = names.filter((name) => mapping[name] !== undefined);
      if (present.length === 1) return;
      const found = present.length === 0 ? 'none of them' : present.join(' and ');
      mistake(sink, [], `exactly one of ${names.join(', ')}`, { found });
    }, always)
    .meta({ oneOf: names.map((name) => ({ required: [name] })) });
}

/** No two items alike. `of` reads what must differ; items it cannot read are somebody else's mistake. */
export function distinct(
  what: string,
  of: (item: unknown) => unknown = (item) => item,
  at: Path = [],
): [(value: unknown, sink: IssueSink) => void, typeof always] {
  const rule = (value: unknown, sink: IssueSink) => {
    const seen = new Map<string, number>();
    asList(value).forEach((item, index) => {
      const name = of(item);
      if (typeof name !== 'string') return;
      const first = seen.get(name);
      if (first === undefined) seen.set(name, index);
      else mistake(sink, [index, ...at], `${what} that is not at [${first}] already`);
    });
  };
  return [rule, always];
}

/** The mapping, or an empty one where something else stands. */
export function asMapping(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The list, or an empty one where something else stands. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

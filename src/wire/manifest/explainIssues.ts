import type { z } from 'zod';
import { nearest } from '../../core/kernel/nearest.ts';
import { asMapping, hintOf } from './fields.ts';
import { abbreviate, describe, formatPath, type ManifestPath, MISSING, type Mistake } from './manifestProblem.ts';

type Issue = z.core.$ZodIssue;

/** What zod found wrong with `value`, in our words, one mistake a place. The schemas' messages say what was expected (see `fields`). */
export function explainIssues(value: unknown, issues: readonly Issue[]): Mistake[] {
  const mistakes = new Map<string, Mistake>();
  const misspelt = new Set<string>();
  for (const mistake of issues.flatMap((issue) => explain(value, issue, []))) {
    const place = `${mistake.at} ${formatPath(mistake.path)}`;
    if (!mistakes.has(place)) mistakes.set(place, mistake);
    if (mistake.at === 'name' && mistake.suggestion !== null) {
      misspelt.add(formatPath([...mistake.path.slice(0, -1), mistake.suggestion]));
    }
  }
  // A field that was misspelt is not also said to be missing.
  return [...mistakes.values()].filter(({ found, path }) => found !== MISSING || !misspelt.has(formatPath(path)));
}

function explain(root: unknown, issue: Issue, outer: ManifestPath): Mistake[] {
  const path = [...outer, ...issue.path] as (string | number)[];
  const found = valueAt(root, path);
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message === '' ? [] : issue.message.split(', ');
    return issue.keys.map((key) => unknownField(path, key, known, asMapping(found)));
  }
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.find((branch) => branch.length > 0 && branch.every((each) => each.path.length > 0));
    if (inner) return inner.flatMap((each) => explain(root, each, path));
  }
  const hint = hintOf(issue);
  const known = hint.known ?? knownNames(issue);
  const word = hint.word ?? (typeof found === 'string' ? found : null);
  return [
    {
      path,
      at: hint.name ? 'name' : 'value',
      found: hint.found ?? describe(found),
      expected: known.length > 1 && hint.known === undefined ? `one of: ${known.join(', ')}` : issue.message,
      suggestion: word === null ? null : suggest(word, known),
    },
  ];
}

function unknownField(
  path: ManifestPath,
  key: string,
  known: readonly string[],
  siblings: Readonly<Record<string, unknown>>,
): Mistake {
  return {
    path: [...path, key],
    at: 'name',
    found: `the unknown field ${JSON.stringify(abbreviate(key))}`,
    expected: known.length === 0 ? 'no fields here' : `one of: ${known.join(', ')}`,
    suggestion: suggest(
      key,
      known.filter((name) => siblings[name] === undefined),
    ),
  };
}

/** The names that an issue's schema knows, where it knows names. */
function knownNames(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code === 'invalid_union' && issue.errors.length === 0) return issue.message.split(', ');
  return [];
}

/** A word as long as a page is no misspelling, and comparing it would take for ever. */
export function suggest(word: string, known: readonly string[]): string | null {
  return word.length > 100 ? null : nearest(word, known);
}

function valueAt(root: unknown, path: ManifestPath): unknown {
  let value = root;
  for (const step of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

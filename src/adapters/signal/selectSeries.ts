import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { Sample } from './exposition.ts';
import type { LabelMatcher } from './seriesSelector.ts';

type Labels = Sample['labels'];

/** A label's value that is longer is not looked at with an expression. */
const MAX_VALUE_LENGTH = 1024;

/** Those that all matchers take, by their labels. Refused: the same labels twice, and what is too long to be looked at. */
export function selectSeries<Shown extends { readonly labels: Labels }>(
  name: string,
  shown: readonly Shown[],
  matchers: readonly LabelMatcher[],
): Result<ReadonlyMap<string, Shown>, string> {
  const series = new Map<string, Shown>();
  for (const each of shown) {
    const selected = isSelected(each.labels, matchers);
    if (selected === null) return err(`${name}: a label has a value of more than ${MAX_VALUE_LENGTH} characters`);
    if (!selected) continue;
    const key = seriesKey(each.labels);
    if (series.has(key)) return err(`${name}: the same series ${key} is shown twice`);
    series.set(key, each);
  }
  return ok(series);
}

/**
 * Whether the service shows what the selector names. That no series matches now is no sign of the contrary: nothing has failed
 * yet. That no series carries a label which the selector asks for is: it is misspelt, and would read nothing for ever.
 */
export function isPresent(
  shown: readonly { readonly labels: Labels }[],
  matchers: readonly LabelMatcher[],
  isDeclared: boolean,
): boolean {
  const asked = matchers.filter(({ matches }) => !matches('')).map(({ label }) => label);
  // Declared, but without a series so far: then its labels cannot be known either.
  if (shown.length === 0) return isDeclared && asked.length === 0;
  return shown.some(({ labels }) => asked.every((label) => labelValue(labels, label) !== undefined));
}

export function labelValue(labels: Labels, label: string): string | undefined {
  return labels.find(([name]) => name === label)?.[1];
}

/** The same for the same labels, whatever their order: `{code="200",path="/"}`. */
export function seriesKey(labels: Labels): string {
  return `{${labels
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .sort()
    .join(',')}}`;
}

function isSelected(labels: Labels, matchers: readonly LabelMatcher[]): boolean | null {
  for (const { label, matches } of matchers) {
    const value = labelValue(labels, label) ?? '';
    if (value.length > MAX_VALUE_LENGTH) return null;
    if (!matches(value)) return false;
  }
  return true;
}

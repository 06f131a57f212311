import { z } from 'zod';
import { type DurationMs, parseDuration } from '../../core/kernel/instant.ts';
import { CHANGE_KINDS, isChangeKind } from './changeKind.ts';
import { mistake } from './fields.ts';

const DAY_MS = 86_400_000;

export const text = z.string({ error: 'a text' });

/** One of these words, spelt exactly. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, { error: words.join(', ') });
}

/** Text that matches a pattern; the pattern also stands in the JSON Schema. */
export function pattern(expected: string, regex: RegExp) {
  return z.string({ error: expected }).regex(regex, { error: expected }).describe(expected);
}

/** Names that every JavaScript object answers to are not ours to give: a look-up of a missing one would find something. */
function notInherited(name: string): boolean {
  return !(name in Object.prototype);
}

function named(expected: string, regex: RegExp) {
  return pattern(expected, regex).refine(notInherited, {
    error: `${expected}, other than a name reserved by JavaScript`,
  });
}

/** Names of services, pipelines, changes, targets, roles, stages: what may stand in a URL and in a host's name. */
export const name = named(
  'a name of at most 63 lower-case letters, digits and dashes, such as shop-eu-1',
  /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/,
);

/** Names of metrics, checks and labels. */
export const word = named(
  'a name of at most 63 letters, digits, dashes, dots and underscores that starts with a letter',
  /^[A-Za-z][-A-Za-z0-9._]{0,62}$/,
);

export const labelValue = pattern(
  'a text of 1 to 128 letters, digits and -._:/ (put numbers and true or false in quotes)',
  /^[-A-Za-z0-9._:/]{1,128}$/,
);

const SLOT = 'a slot such as config/shop: the kind of change, a slash, and a name';

/** A slot's own name, as part of a pattern. */
export const SLOT_NAME = '[a-z0-9](?:[-a-z0-9._]{0,61}[a-z0-9])?';
const KNOWN_KINDS = Object.keys(CHANGE_KINDS);

/** `config/shop`. Editors are told the known kinds; the parser takes any word for one first, so that it can say which is unknown. */
export const slotName = pattern(SLOT, new RegExp(`^[a-z]+\\/${SLOT_NAME}$`))
  .superRefine((slot, sink) => {
    const kind = slot.slice(0, slot.indexOf('/'));
    if (slot.includes('/') && !isChangeKind(kind)) {
      const expected = `a slot whose kind of change is one of: ${KNOWN_KINDS.join(', ')}`;
      mistake(sink, [], expected, { word: kind, known: KNOWN_KINDS });
    }
  })
  .meta({ pattern: `^(?:${KNOWN_KINDS.join('|')})\\/${SLOT_NAME}$` });

/** Plain text of at least one visible character. */
export function sentence(expected: string, longest: number) {
  return pattern(expected, /\S/).max(longest, { error: `${expected}, at most ${longest} characters` });
}

/** A span of at least a millisecond. Everything here is waited for with timers, so spans end somewhere. */
export function duration(longest: string) {
  const expected = 'a duration such as 500ms, 30s, 5m, 1h30m or 2d';
  const most = parseDuration(longest) ?? 366 * DAY_MS;
  return pattern(expected, /^(?:[0-9]+(?:ms|s|m|h|d))+$/)
    .refine((text) => within(parseDuration(text), most), { error: `${expected}, from 1ms to ${longest}` })
    .transform((text): DurationMs => parseDuration(text) ?? most);
}

function within(ms: DurationMs | null, most: DurationMs): boolean {
  return ms !== null && ms >= 1 && ms <= most;
}

export function wholeNumber(least: number, most: number, expected = `a whole number from ${least} to ${most}`) {
  return z.int({ error: expected }).min(least, { error: expected }).max(most, { error: expected }).describe(expected);
}

/** A probability or a proportion; neither nothing nor everything. */
export const fraction = (() => {
  const expected = 'a number above 0 and below 1, such as 0.01';
  return z.number({ error: expected }).gt(0, { error: expected }).lt(1, { error: expected }).describe(expected);
})();

/** An absolute URL with one of the schemes and without a password in it: manifests are no place for secrets. */
export function url(schemes: readonly string[]) {
  const expected = `a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  return pattern(expected, new RegExp(`^(?:${schemes.join('|')})://`)).superRefine((text, sink) => {
    const parsed = URL.parse(text);
    if (parsed === null) mistake(sink, [], expected);
    else if (parsed.username !== '' || parsed.password !== '') {
      mistake(sink, [], 'a URL without them', { found: 'a URL with a user or password in it' });
    }
  });
}

/** A path of a file or folder. Never one with a NUL in it, which ends the name half-way. */
export const filePath = pattern('a path', /^[^\0]{1,4096}$/);

import type { Hint } from './fields.ts';

/** A whole number of one of these spans, or a day of the week with or without its number. */
type Takes = { readonly least: number; readonly most: number; readonly negative?: true; readonly list?: true } | RegExp;

const DAY = '(?:MO|TU|WE|TH|FR|SA|SU)';

/** The parts of RFC 5545, section 3.3.10, that are read, and what each takes. A freeze is a matter of days: nothing recurs within an hour. */
const PARTS = {
  FREQ: /^(?:DAILY|WEEKLY|MONTHLY|YEARLY)$/,
  INTERVAL: { least: 1, most: 1000 },
  COUNT: { least: 1, most: 1000 },
  UNTIL: /^\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ$/,
  BYMONTH: { least: 1, most: 12, list: true },
  BYWEEKNO: { least: 1, most: 53, negative: true, list: true },
  BYYEARDAY: { least: 1, most: 366, negative: true, list: true },
  BYMONTHDAY: { least: 1, most: 31, negative: true, list: true },
  BYDAY: new RegExp(`^(?:[+-]?(?:[1-9]|[1-4]\\d|5[0-3]))?${DAY}(?:,(?:[+-]?(?:[1-9]|[1-4]\\d|5[0-3]))?${DAY})*$`),
  BYHOUR: { least: 0, most: 23, list: true },
  BYMINUTE: { least: 0, most: 59, list: true },
  BYSETPOS: { least: 1, most: 366, negative: true, list: true },
  WKST: new RegExp(`^${DAY}$`),
} as const satisfies Readonly<Record<string, Takes>>;

type PartName = keyof typeof PARTS;

const EXPECTED: Readonly<Partial<Record<PartName, string>>> = {
  FREQ: 'DAILY, WEEKLY, MONTHLY or YEARLY',
  UNTIL: 'a moment in UTC such as 20271231T230000Z',
  BYDAY: 'days such as FR, or 1MO,-1FR',
  WKST: 'a day such as MO',
};

/** Together they bound what a rule may come to, however it is put. */
export const MOST_RULE_LETTERS = 500;
const MOST_A_DAY = 4;

export interface RuleFault extends Hint {
  readonly expected: string;
}

/** The first thing wrong with a recurrence rule, or `null`. Strict: what RFC 5545 forbids, or what is not read here, is refused by name. */
export function ruleFault(text: string): RuleFault | null {
  if (text.length > MOST_RULE_LETTERS)
    return { found: `${text.length} letters`, expected: `a rule of at most ${MOST_RULE_LETTERS} letters` };
  const parts = new Map<string, string>();
  for (const part of text.split(';')) {
    const [, name, value] = /^([A-Z]+)=(.+)$/.exec(part) ?? [];
    if (name === undefined || value === undefined)
      return { found: `the part ${JSON.stringify(part)}`, expected: 'a rule such as FREQ=WEEKLY;BYDAY=FR' };
    if (!Object.hasOwn(PARTS, name)) return unknownPart(name);
    if (parts.has(name)) return { found: `${name} a second time`, expected: 'each part once' };
    const expected = faultOfValue(name as PartName, value);
    if (expected !== null) return { found: `${name}=${value}`, expected: `${name} with ${expected}` };
    parts.set(name, value);
  }
  return faultOfWhole(parts);
}

function unknownPart(word: string): RuleFault {
  const known = Object.keys(PARTS);
  return { found: `the part ${word}`, expected: `one of: ${known.join(', ')}`, word, known };
}

function faultOfValue(name: PartName, value: string): string | null {
  const takes: Takes = PARTS[name];
  if (takes instanceof RegExp)
    return takes.test(value) && (name !== 'UNTIL' || exists(value)) ? null : (EXPECTED[name] ?? 'another value');
  const { least, most, negative = false, list = false } = takes;
  const items = list ? value.split(',') : [value];
  const fits = (item: string) => {
    if (!(negative ? /^[+-]?\d{1,4}$/ : /^\d{1,4}$/).test(item)) return false;
    const size = negative ? Math.abs(Number(item)) : Number(item);
    return size >= least && size <= most;
  };
  if (items.every(fits)) return null;
  return `${list ? 'whole numbers' : 'a whole number'} from ${least} to ${most}${negative ? ', or as many from the end: -1 is the last' : ''}`;
}

/** No 30th of February. */
function exists(moment: string): boolean {
  try {
    return Temporal.Instant.from(moment).epochMilliseconds > 0;
  } catch {
    return false;
  }
}

/** What RFC 5545 says of parts together. */
function faultOfWhole(parts: ReadonlyMap<string, string>): RuleFault | null {
  const freq = parts.get('FREQ');
  if (freq === undefined) return { found: 'no FREQ', expected: `FREQ with ${EXPECTED.FREQ}` };
  if (parts.has('COUNT') && parts.has('UNTIL')) return { found: 'COUNT and UNTIL', expected: 'one of them' };
  const only: readonly (readonly [PartName, readonly string[]])[] = [
    ['BYWEEKNO', ['YEARLY']],
    ['BYYEARDAY', ['YEARLY']],
    ['BYMONTHDAY', ['YEARLY', 'MONTHLY', 'DAILY']],
    // Of a day or a week it would choose among the hours.
    ['BYSETPOS', ['YEARLY', 'MONTHLY']],
  ];
  for (const [name, freqs] of only) {
    if (parts.has(name) && !freqs.includes(freq))
      return { found: `${name} with FREQ=${freq}`, expected: `${name} with FREQ=${freqs.join(' or ')}` };
  }
  const numbered = /\d/.test(parts.get('BYDAY') ?? '');
  if (numbered && !((freq === 'YEARLY' && !parts.has('BYWEEKNO')) || freq === 'MONTHLY'))
    return { found: `BYDAY=${parts.get('BYDAY')}`, expected: 'days without numbers, or FREQ=MONTHLY or YEARLY' };
  if (parts.has('BYSETPOS') && ![...parts.keys()].some((name) => name.startsWith('BY') && name !== 'BYSETPOS'))
    return { found: 'BYSETPOS alone', expected: 'another BY… part that it chooses from' };
  const sizeOf = (name: PartName) => new Set((parts.get(name) ?? '0').split(',').map(Number)).size;
  if (sizeOf('BYHOUR') * sizeOf('BYMINUTE') > MOST_A_DAY)
    return { found: 'more than 4 starts a day', expected: `at most ${MOST_A_DAY}; freeze longer spans instead` };
  return null;
}

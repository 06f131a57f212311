import { err, ok, type Result } from '../../core/kernel/result.ts';
import type { Freeze } from '../../core/policy/freeze.ts';
import { canonicalTimeZone, toFreezeManifest } from '../../wire/manifest/freeze.ts';
import { abbreviate, type ManifestProblem, toProblem } from '../../wire/manifest/manifestProblem.ts';
import { parseManifestValue } from '../../wire/manifest/parseManifestValue.ts';
import { type ContentLine, contentLines } from './contentLines.ts';
import { EventMistake, type ReadingOptions, toFreeze } from './eventToFreeze.ts';

/** As much as a file of manifests may have, and as many events as the server takes at once. */
const MOST_LETTERS = 4 * 1024 * 1024;
const MOST_EVENTS = 1000;
const MOST_PROBLEMS = 200;

export interface ReadFreeze {
  readonly freeze: Freeze;
  /** Of its BEGIN:VEVENT. */
  readonly line: number;
}

interface Event {
  readonly line: number;
  readonly properties: ContentLine[];
}

/**
 * Reads the events of an iCalendar text (RFC 5545) as freezes: all of them, or every mistake with its line. Nothing that would
 * change when a freeze binds is passed over: what is not understood there is refused by name. Never throws.
 */
export function readICalendar(
  text: string,
  fileName: string,
  options: ReadingOptions,
): Result<readonly ReadFreeze[], readonly ManifestProblem[]> {
  const problems: ManifestProblem[] = [];
  const wrong = (line: number, path: readonly string[], found: string, expected: string) => {
    if (problems.length < MOST_PROBLEMS)
      problems.push(toProblem({ path, at: 'value', found, expected, suggestion: null }, fileName, { line, column: 1 }));
  };
  if (text.length > MOST_LETTERS) {
    wrong(1, [], `${text.length} letters`, `at most ${MOST_LETTERS}`);
    return err(problems);
  }
  const { events, zones, floating } = readComponents(text, wrong);
  const freezes: ReadFreeze[] = [];
  const names = new Set<string>();
  for (const { line, properties } of events) {
    try {
      const freeze = toFreeze(properties, line, { zones, timeZone: options.timeZone ?? floating, names });
      if (freeze === null) continue;
      names.add(freeze.name);
      const sent = options.services.length === 0 ? freeze : { ...freeze, services: options.services };
      const parsed = parseManifestValue(toFreezeManifest(sent));
      if (parsed.ok) freezes.push({ freeze: sent, line });
      else for (const problem of parsed.error) wrong(line, ['VEVENT', problem.path], problem.found, problem.expected);
    } catch (error) {
      if (!(error instanceof EventMistake)) throw error;
      wrong(error.line, ['VEVENT', error.property], error.found, error.expected);
    }
  }
  if (events.length === 0 && problems.length === 0) wrong(1, [], 'no VEVENT', 'an event for each freeze');
  return problems.length > 0 ? err(problems) : ok(freezes);
}

type Wrong = (line: number, path: readonly string[], found: string, expected: string) => void;

interface Components {
  readonly events: readonly Event[];
  /** The IANA name by TZID, for those that VTIMEZONE components name so. */
  readonly zones: ReadonlyMap<string, string>;
  /** The zone in which times without one are meant, where the calendar says so. */
  readonly floating: string | null;
}

/** Components that say nothing of when an event is: what stands in them is passed over. */
const PASSED_OVER = ['VTIMEZONE', 'STANDARD', 'DAYLIGHT', 'VALARM'];
const CALENDAR_VALUES: Readonly<Record<string, string>> = {
  VERSION: '2.0',
  CALSCALE: 'GREGORIAN',
  METHOD: 'PUBLISH',
};

function readComponents(text: string, wrong: Wrong): Components {
  const events: Event[] = [];
  const zones = new Map<string, string>();
  const open: { readonly name: string; readonly line: number }[] = [];
  let floating: string | null = null;
  let zone = { id: '', location: '' };
  let last = 1;
  for (const each of contentLines(text)) {
    last = each.line;
    if (!('name' in each)) {
      wrong(each.line, [], `the line ${JSON.stringify(abbreviate(each.text))}`, 'NAME:value, as in SUMMARY:Holidays');
      continue;
    }
    const { name, line, value } = each;
    const inside = open.at(-1)?.name ?? '';
    if (name === 'BEGIN') {
      const component = value.toUpperCase();
      const fits =
        inside === ''
          ? component === 'VCALENDAR'
          : component === 'VEVENT'
            ? inside === 'VCALENDAR'
            : PASSED_OVER.includes(component);
      if (!fits)
        wrong(
          line,
          [],
          `BEGIN:${abbreviate(value)}`,
          inside === '' ? 'BEGIN:VCALENDAR' : 'VEVENT components alone: they become freezes',
        );
      open.push({ name: component, line });
      if (component === 'VEVENT') events.push({ line, properties: [] });
      if (component === 'VEVENT' && events.length === MOST_EVENTS + 1)
        wrong(line, [], 'one more VEVENT', `at most ${MOST_EVENTS} in one file`);
      if (component === 'VTIMEZONE') zone = { id: '', location: '' };
    } else if (name === 'END') {
      const closed = open.pop()?.name;
      if (closed !== value.toUpperCase())
        wrong(line, [], `END:${abbreviate(value)}`, closed === undefined ? 'nothing more' : `END:${closed} before it`);
      if (closed === 'VTIMEZONE' && canonicalTimeZone(zone.location) !== null) zones.set(zone.id, zone.location);
    } else if (inside === '') wrong(line, [], name, 'BEGIN:VCALENDAR before everything else');
    else if (inside === 'VEVENT') events.at(-1)?.properties.push(each);
    else if (inside === 'VTIMEZONE' && name === 'TZID') zone.id = value;
    else if (inside === 'VTIMEZONE' && name === 'X-LIC-LOCATION') zone.location = value;
    else if (inside === 'VCALENDAR') {
      if (name === 'X-WR-TIMEZONE') floating = value;
      const expected = CALENDAR_VALUES[name];
      if (expected !== undefined && value.toUpperCase() !== expected) wrong(line, [name], abbreviate(value), expected);
    }
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined)
    wrong(last, [], 'the end of the file', `END:${unclosed.name} for the one of line ${unclosed.line}`);
  return { events, zones, floating };
}

import type { z } from 'zod';
import type { Json } from '../../core/kernel/canonicalJson.ts';
import type { Freeze } from '../../core/policy/freeze.ts';
import { API_VERSION, envelope } from './envelope.ts';
import { always, asMapping, distinct, fields, list, mistake } from './fields.ts';
import { MOST_RULE_LETTERS, ruleFault } from './recurrenceRule.ts';
import { name, pattern, sentence } from './scalars.ts';

const LOCAL = 'a local time from 1970 to 2199 without an offset, such as 2026-12-24T00:00 or 2026-12-24';

/** Midnight when the time of day is left out. */
const localTime = pattern(LOCAL, /^(?:19[7-9]\d|20\d\d|21\d\d)-\d\d-\d\d(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)?$/)
  .refine((text) => readLocal(text) !== null, { error: `${LOCAL}, on a day that exists` })
  .transform((text) => readLocal(text) ?? text);

function readLocal(text: string): string | null {
  try {
    return Temporal.PlainDateTime.from(text).toString();
  } catch {
    return null;
  }
}

const ZONE = 'an IANA time zone such as Europe/Berlin or UTC';

export const timeZone = pattern(ZONE, /^[A-Za-z][-+\w]*(?:\/[-+\w]+)*$/)
  .superRefine((zone, sink) => {
    if (canonicalTimeZone(zone) === null)
      mistake(sink, [], ZONE, { word: zone, known: Intl.supportedValuesOf('timeZone') });
  })
  .transform((zone) => canonicalTimeZone(zone) ?? zone);

/** The zone's name as the IANA database spells it; `null` when there is no such zone. */
export function canonicalTimeZone(zone: string): string | null {
  if (!/^[A-Za-z]/.test(zone)) return null;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone).timeZoneId;
  } catch {
    return null;
  }
}

const DURATION = 'a duration of RFC 5545 of at most 366 days, such as P9D, P1W or PT36H';

/** In days and time, or in weeks; a day is one of the calendar, an hour one of the clock. */
const duration = pattern(
  DURATION,
  /^P(?:\d{1,4}W|\d{1,4}D(?:T(?:\d{1,5}H(?:\d{1,5}M(?:\d{1,5}S)?)?|\d{1,5}M(?:\d{1,5}S)?|\d{1,5}S))?|T(?:\d{1,5}H(?:\d{1,5}M(?:\d{1,5}S)?)?|\d{1,5}M(?:\d{1,5}S)?|\d{1,5}S))$/,
).refine(isDurationInBounds, { error: DURATION });

export function isDurationInBounds(text: string): boolean {
  const { weeks, days, hours, minutes, seconds } = Temporal.Duration.from(text);
  const total = weeks * 604_800 + days * 86_400 + hours * 3600 + minutes * 60 + seconds;
  return total >= 1 && total <= 366 * 86_400;
}

const rule = pattern('a recurrence rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=FR', /^\S+$/)
  .max(MOST_RULE_LETTERS, { error: `a rule of at most ${MOST_RULE_LETTERS} letters` })
  .superRefine((text, sink) => {
    const fault = ruleFault(text);
    if (fault !== null) mistake(sink, [], fault.expected, fault);
  });

const spec = fields('a mapping with reason, timeZone, starts and duration or ends', {
  services: list('a list of services', name, 256)
    .superRefine(...distinct('a service'))
    .optional()
    .describe('the services that it binds; left out: every one'),
  reason: sentence('why nothing is to move then, in a sentence', 1000),
  timeZone: timeZone.describe('whose clock the times are of'),
  starts: localTime.describe('when it begins, by the clock of that zone; with a rule, the earliest it may'),
  duration: duration.optional().describe('how long each time lasts; this or ends'),
  ends: localTime.optional().describe('when it ends, by the clock of that zone; this or duration'),
  rule: rule.optional().describe('when it comes again, as an RRULE of RFC 5545; left out: once'),
  except: list('a list of local times', localTime, 1000)
    .superRefine(...distinct('a time'))
    .optional()
    .describe('starts that the rule would give and that are left out'),
})
  .superRefine((value: unknown, sink) => {
    const { starts, duration, ends, rule, except } = asMapping(value);
    if ((duration === undefined) === (ends === undefined)) {
      const found = ends === undefined ? 'none of them' : 'duration and ends';
      mistake(sink, [], 'exactly one of duration, ends', { found });
    }
    if (rule === undefined && except !== undefined) mistake(sink, ['except'], 'a rule that these are exceptions of');
    if (rule !== undefined && ends !== undefined)
      mistake(sink, ['ends'], 'duration in its place: with a rule it says how long each time lasts');
    if (typeof starts === 'string' && typeof ends === 'string' && readLocal(ends) !== null && ends <= starts)
      mistake(sink, ['ends'], 'a time after starts');
  }, always)
  .meta({ oneOf: [{ required: ['duration'] }, { required: ['ends'], not: { required: ['rule'] } }] });

export const freezeManifest = envelope('Freeze', spec);

export function toFreeze({ metadata, spec }: z.output<typeof freezeManifest>): Freeze {
  return {
    name: metadata.name,
    services: spec.services ?? [],
    reason: spec.reason,
    timeZone: spec.timeZone,
    starts: spec.starts,
    lasts: spec.duration === undefined ? { ends: spec.ends ?? spec.starts } : { duration: spec.duration },
    rule: spec.rule ?? null,
    except: spec.except ?? [],
  };
}

/** The freeze as the manifest that says it: reading that gives the same freeze. */
export function toFreezeManifest(freeze: Freeze): Readonly<Record<string, Json>> {
  const { services, reason, timeZone, starts, lasts, rule, except } = freeze;
  return {
    apiVersion: API_VERSION,
    kind: 'Freeze',
    metadata: { name: freeze.name },
    spec: {
      ...(services.length === 0 ? {} : { services: [...services] }),
      reason,
      timeZone,
      starts,
      ...lasts,
      ...(rule === null ? {} : { rule }),
      ...(except.length === 0 ? {} : { except: [...except] }),
    },
  };
}

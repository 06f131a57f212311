import type { Instant } from '../../core/kernel/instant.ts';
import { type LocalTime, WEEKDAYS } from './ruleLanguage.ts';

/** A moment by the clock of a zone. Throws when there is no such zone. */
export function localTime(now: Instant, zone: string): LocalTime {
  const local = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone);
  const { year, month, day, hour, minute } = local;
  const weekday = WEEKDAYS[local.dayOfWeek - 1] ?? 'monday';
  return { now, zone, weekday, date: local.toPlainDate().toString(), year, month, day, hour, minute };
}

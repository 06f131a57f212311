import { RRuleTemporal } from 'rrule-temporal';

/**
 * How far ahead an occurrence is looked for, in steps: what recurs often is found in the first. No rule of days and months that
 * comes true every time round waits longer than the last (for a Friday the 29th of February, with 2100 between).
 */
const SEARCHED_YEARS = [1, 10, 41] as const;
/** Of the library, which walks from the start where it counts: every day that a freeze may be written for. */
const MOST_PERIODS = 90_000;

/**
 * The wall-clock times that a recurrence rule gives, as plain times without a zone: the rule is worked out on a clock that never
 * jumps, and what a time comes to in its zone is decided in one place afterwards. Unlike RFC 5545, a time that a clock going
 * forward leaves out is not lost: a freeze that disappeared for a day would be a gate that opens by itself. UNTIL is a moment,
 * so it is left to whoever knows the zone.
 */
export class Occurrences {
  readonly #starts: Temporal.PlainDateTime;
  readonly #rule: RRuleTemporal;
  /** The last moment at which an occurrence may start. */
  readonly until: Temporal.Instant | null;

  /** `rule` without a fault, as `ruleFault` judges it. Throws where the library finds another. */
  constructor(rule: string, starts: Temporal.PlainDateTime) {
    const parts = rule.split(';');
    const until = parts.find((part) => part.startsWith('UNTIL='))?.slice('UNTIL='.length) ?? null;
    this.until = until === null ? null : Temporal.Instant.from(until);
    this.#starts = starts;
    this.#rule = new RRuleTemporal({
      rruleString: parts.filter((part) => !part.startsWith('UNTIL=')).join(';'),
      dtstart: starts.toZonedDateTime('UTC'),
      strict: true,
      maxIterations: MOST_PERIODS,
    });
  }

  /** In order, both ends included. */
  between(from: Temporal.PlainDateTime, to: Temporal.PlainDateTime): readonly Temporal.PlainDateTime[] {
    const since = Temporal.PlainDateTime.compare(from, this.#starts) < 0 ? this.#starts : from;
    if (Temporal.PlainDateTime.compare(to, since) < 0) return [];
    const found = this.#rule.between(since.toZonedDateTime('UTC'), to.toZonedDateTime('UTC'), true);
    return found.map((at) => at.toPlainDateTime());
  }

  /** The first that is accepted; `null`: none is, for 41 years. */
  first(accepts: (starts: Temporal.PlainDateTime) => boolean): Temporal.PlainDateTime | null {
    // A day and more beyond UNTIL: no zone's clock is further from UTC's.
    const last = this.until?.add({ hours: 50 }).toZonedDateTimeISO('UTC').toPlainDateTime() ?? null;
    for (const years of SEARCHED_YEARS) {
      const end = this.#starts.add({ years });
      const cut = last !== null && Temporal.PlainDateTime.compare(last, end) < 0 ? last : end;
      const found = this.between(this.#starts, cut).find(accepts);
      if (found !== undefined) return found;
    }
    return null;
  }
}

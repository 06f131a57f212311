import type { Instant } from '../../core/kernel/instant.ts';
import type { Freeze, FreezeWindow } from '../../core/policy/freeze.ts';
import type { Calendar } from '../../engine/ports/calendar.ts';
import { canonicalTimeZone } from '../../wire/manifest/freeze.ts';
import { ruleFault } from '../../wire/manifest/recurrenceRule.ts';
import { firstWindow, freezeWindows } from './freezeWindows.ts';
import { peakWindows } from './peakWindows.ts';
import { writeICalendar } from './writeICalendar.ts';

/** Worked out at once, and kept: rollouts ask of the same days many times a second. */
const KEPT_BEFORE_MS = 86_400_000;
const KEPT_AFTER_MS = 400 * 86_400_000;

interface Kept {
  readonly from: Instant;
  readonly until: Instant;
  readonly windows: readonly FreezeWindow[];
}

/** The calendar on the platform's own time zones. */
export function createCalendar(): Calendar {
  const kept = new WeakMap<Freeze, Kept>();

  const workOut = (freeze: Freeze, from: Instant, until: Instant): readonly FreezeWindow[] => {
    try {
      return freezeWindows(freeze, from, until);
    } catch (error) {
      return [unreadable(freeze, from, until, error)];
    }
  };

  return {
    fault,
    windows(freeze, from, until) {
      if (until - from > KEPT_AFTER_MS) return workOut(freeze, from, until);
      let known = kept.get(freeze);
      if (known === undefined || from < known.from || until > known.until) {
        const span = { from: from - KEPT_BEFORE_MS, until: from + KEPT_AFTER_MS };
        known = { ...span, windows: workOut(freeze, span.from, span.until) };
        kept.set(freeze, known);
      }
      return known.windows.filter((window) => window.starts < until && window.ends > from);
    },
    peaks(peak, from, until) {
      try {
        return peakWindows(peak, from, until);
      } catch {
        return [];
      }
    },
    write: writeICalendar,
  };
}

function fault(freeze: Freeze): ReturnType<Calendar['fault']> {
  if (canonicalTimeZone(freeze.timeZone) === null)
    return { says: `there is no time zone "${freeze.timeZone}"`, remedy: 'name one of the IANA database, such as UTC' };
  const wrong = freeze.rule === null ? null : ruleFault(freeze.rule);
  if (wrong !== null)
    return { says: `its rule has ${wrong.found}, expected ${wrong.expected}`, remedy: 'mend the rule' };
  try {
    if (firstWindow(freeze) !== null) return null;
  } catch (error) {
    return { says: `it cannot be worked out: ${messageOf(error)}`, remedy: 'mend its times or its rule' };
  }
  return freeze.rule === null
    ? { says: `it ends when it begins: the clock of ${freeze.timeZone} jumps over it`, remedy: 'move its ends' }
    : {
        says: `its rule "${freeze.rule}" never comes true in 41 years`,
        remedy: 'mend the rule, its exceptions, or when it starts',
      };
}

/** A gate whose calendar cannot be read stays shut. */
function unreadable(freeze: Freeze, from: Instant, until: Instant, error: unknown): FreezeWindow {
  const says = `somebody mends it: it cannot be worked out (${messageOf(error)})`;
  return {
    freeze: freeze.name,
    reason: freeze.reason,
    starts: from,
    ends: until,
    local: { starts: 'now', ends: says },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

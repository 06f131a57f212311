import type { Freeze } from '../../../core/policy/freeze.ts';

/** A freeze of whole days from the start of 2020 in Berlin, but for what is given. */
export function freezeOf(more: Partial<Freeze> = {}): Freeze {
  return {
    name: 'quiet',
    services: [],
    reason: 'nobody is at work',
    timeZone: 'Europe/Berlin',
    starts: '2020-01-01T00:00:00',
    lasts: { duration: 'P1D' },
    rule: null,
    except: [],
    ...more,
  };
}

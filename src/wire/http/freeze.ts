import { z } from 'zod';
import { operation, READ, STORE_PROBLEMS } from './operation.ts';
import { instant, named, nameParams, pageOf, pageQuery } from './schema.ts';

/** One span in which a freeze binds: from `starts`, which is in it, to `ends`, which is not. */
export const freezeWindowBody = named(
  'FreezeWindow',
  z.object({
    freeze: z.string(),
    reason: z.string(),
    starts: instant,
    ends: instant,
    local: z
      .object({ starts: z.string(), ends: z.string() })
      .describe("the same by the freeze's own clock, such as `2026-12-24 00:00 Europe/Berlin`"),
  }),
);
export type FreezeWindowBody = z.infer<typeof freezeWindowBody>;

export const freezeBody = named(
  'Freeze',
  z.object({
    name: z.string(),
    services: z.array(z.string()).describe('those it binds; empty: every one'),
    reason: z.string(),
    timeZone: z.string(),
    starts: z.string().describe('by the clock of `timeZone`, without an offset; with a rule, the earliest it may be'),
    duration: z.string().nullable().describe('how long each time lasts (RFC 5545); null: see `ends`'),
    ends: z.string().nullable().describe('by the clock of `timeZone`; null: see `duration`'),
    rule: z.string().nullable().describe('an RRULE of RFC 5545; null: once'),
    except: z.array(z.string()).describe('starts that the rule would give and that are left out'),
    by: z.string().describe('who put it on the calendar'),
    at: instant,
    windows: z.array(freezeWindowBody).describe('those with a moment in common with the span that was asked for'),
  }),
);
export type FreezeBody = z.infer<typeof freezeBody>;

export const freezePage = pageOf('FreezePage', freezeBody);
export type FreezePage = z.infer<typeof freezePage>;

export const freezeQuery = z.strictObject({
  ...pageQuery.shape,
  from: z.iso.datetime({ offset: true }).optional().describe('the present when left out'),
  until: z.iso.datetime({ offset: true }).optional().describe('90 days after `from` when left out; two years at most'),
  service: z.string().max(256).optional().describe('only those that bind this one'),
});

export const listFreezes = operation({
  id: 'listFreezes',
  method: 'GET',
  path: '/v1/freezes',
  tag: 'freezes',
  summary: 'All freezes, by name, with their windows in a span of time',
  access: READ,
  query: freezeQuery,
  answers: { 200: { says: 'One page of freezes.', schema: freezePage } },
  problems: [],
});

export const ICALENDAR_TYPE = 'text/calendar; charset=utf-8';

export const getFreezeCalendar = operation({
  id: 'getFreezeCalendar',
  method: 'GET',
  path: '/v1/freezes.ics',
  tag: 'freezes',
  summary: 'All freezes as iCalendar (RFC 5545), to subscribe to',
  access: READ,
  answers: { 200: { says: 'An event for each freeze.', schema: z.string(), mediaType: 'text/calendar' } },
  problems: [],
});

export const removeFreeze = operation({
  id: 'removeFreeze',
  method: 'DELETE',
  path: '/v1/freezes/:name',
  tag: 'freezes',
  summary: 'Take a freeze off the calendar, at once: what it held goes on',
  access: 'policy',
  params: nameParams,
  answers: { 204: { says: 'It no longer binds.', schema: null } },
  problems: ['unknown-freeze', ...STORE_PROBLEMS],
});

import { type FreezeBody, type FreezeWindowBody, listFreezes } from '../../../../wire/http/freeze.ts';
import { type Fact, facts } from '../../present/facts.ts';
import { moment, names } from '../../present/words.ts';
import type { Run } from '../../tree/runner.ts';
import { showList } from './showList.ts';
import { unknownName } from './unknownName.ts';

const YEAR_MS = 366 * 86_400_000;
/** Of one freeze, shown one under the other. */
const SHOWN_WINDOWS = 10;

export const getFreezes: Run<{ limit: number }, [name?: string]> = async (context, { limit }, name) => {
  const client = await context.client();
  const now = Date.now();
  const query = { from: new Date(now).toISOString(), until: new Date(now + YEAR_MS).toISOString() };
  if (name === undefined) {
    return showList(context, await client.list(listFreezes, query, limit), {
      columns: [
        { title: 'NAME' },
        { title: 'BINDS', shrinkTo: 10 },
        { title: 'WHEN', shrinkTo: 20 },
        { title: 'REASON', shrinkTo: 10 },
      ],
      row: (freeze) => {
        const next = freeze.windows[0];
        const when = next === undefined ? 'not within a year' : windowSays(next, now);
        return [
          freeze.name,
          binds(freeze),
          next !== undefined && bindsAt(next, now) ? { text: when, tone: 'warn' } : when,
          freeze.reason,
        ];
      },
      none: 'No freeze is on the calendar. "ringfence apply -f FILE" puts one there.',
    });
  }
  const { items } = await client.list(listFreezes, query, Number.POSITIVE_INFINITY);
  const freeze = items.find((each) => each.name === name);
  if (freeze === undefined)
    throw unknownName(
      'freeze',
      name,
      items.map((each) => each.name),
      'ringfence get freezes',
    );
  context.output.document(freeze);
  context.output.lines(facts(freezeFacts(freeze, now), context.output.width));
  return 'done';
};

function freezeFacts(freeze: FreezeBody, now: number): Fact[] {
  const { timeZone, starts, duration, ends, rule, except, windows, by, at } = freeze;
  const more = windows.length - SHOWN_WINDOWS;
  return [
    ['freeze', { text: freeze.name, tone: 'strong' }],
    ['reason', freeze.reason],
    ['binds', binds(freeze)],
    ['starts', `${starts} ${timeZone}`],
    duration === null ? ['ends', `${ends} ${timeZone}`] : ['lasts', duration],
    ['rule', rule ?? 'once'],
    ...except.map((each): Fact => ['except', each]),
    ['by', `${by}, ${moment(at)}`],
    ...windows
      .slice(0, SHOWN_WINDOWS)
      .map((each): Fact => ['windows', { text: windowSays(each, now), tone: bindsAt(each, now) ? 'warn' : 'plain' }]),
    ...(windows.length === 0 ? [['windows', 'none within a year'] satisfies Fact] : []),
    ...(more > 0 ? [['windows', `and ${more} more within a year`] satisfies Fact] : []),
  ];
}

function binds({ services }: FreezeBody): string {
  return services.length === 0 ? 'every service' : names(services);
}

function bindsAt({ starts, ends }: FreezeWindowBody, now: number): boolean {
  return Date.parse(starts) <= now && now < Date.parse(ends);
}

function windowSays(window: FreezeWindowBody, now: number): string {
  const { starts, ends } = window.local;
  return bindsAt(window, now) ? `now, until ${ends}` : `${starts} until ${ends}`;
}

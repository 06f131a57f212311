import { type Child, el } from './element.ts';
import { type Entry, toEntries } from './eventWords.ts';
import type { Facts } from './feed.ts';
import { formatTime, shortDigest } from './words.ts';

const MOST_ENTRIES = 30;

/** The newest entries of the record. */
export function recordView({ events, views }: Facts, now: number): Child {
  const entries = toEntries(events, (id) => views.get(id)?.rollout.plan ?? null);
  return el(
    'section',
    { class: 'panel record', 'data-key': 'record', 'aria-labelledby': 'record-title' },
    el('h2', { id: 'record-title' }, 'Record'),
    entries.length === 0
      ? el(
          'p',
          { class: 'empty' },
          'Nothing has happened yet. The first manifest, target or token will be the first entry.',
        )
      : el(
          'ol',
          { class: 'entries', reversed: true },
          entries.slice(0, MOST_ENTRIES).map((entry) => entryView(entry, now)),
        ),
  );
}

const MARKS: Readonly<Record<Entry['tone'], string>> = { plain: '·', good: '✓', bad: '!', wait: '‖' };

function entryView({ position, at, actor, says, tone, hash }: Entry, now: number): Child {
  return el(
    'li',
    { 'data-key': `entry-${position}`, class: `entry ${tone}`, value: position },
    el('span', { class: 'mark', 'aria-hidden': 'true' }, MARKS[tone]),
    el(
      'div',
      {},
      el('p', { class: 'says' }, says),
      el(
        'p',
        { class: 'fine' },
        el('time', { datetime: at }, formatTime(at, now)),
        ` · ${actor} · ${position} `,
        el('code', { title: `hash ${hash}` }, shortDigest(`sha256:${hash}`)),
      ),
    ),
  );
}

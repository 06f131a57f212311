import type { TargetBody } from '../src/wire/http/target.ts';
import { type Child, el } from './element.ts';
import type { Facts } from './feed.ts';
import { type Revision, revisionsOf } from './revisions.ts';
import { STANDINGS, type Standing, standingOf } from './targetStanding.ts';
import { formatCount, formatSpan, plural, shortDigest } from './words.ts';

/** More targets of one role in one cell are counted instead of drawn. */
const MOST_DRAWN = 24;

/** Targets by uid: the one whose particulars are shown, and the one that the Tab key reaches. */
export interface Choice {
  readonly selected: string | null;
  readonly reachable: string | null;
}

/** The fleet by ring and region: each target with the letter and colour of what it holds, and a mark when something is up with it. */
export function fleetMap({ targets, changes, pipelines }: Facts, { selected, reachable }: Choice, now: number): Child {
  const services = [...new Set(targets.map(({ service }) => service))];
  return el(
    'section',
    { class: 'panel fleet', 'data-key': 'fleet', 'aria-labelledby': 'fleet-title' },
    el(
      'h2',
      { id: 'fleet-title' },
      'Fleet ',
      el('span', { class: 'fine' }, targets.length > 0 && plural(targets.length, 'target')),
    ),
    targets.length === 0 &&
      el(
        'p',
        { class: 'empty' },
        'No target has enrolled yet. Start an agent: ',
        el('code', {}, 'ringfence agent -f agent.yaml'),
      ),
    services.map((service) => {
      const members = targets.filter((target) => target.service === service);
      const revisions = revisionsOf(members, changes);
      const rings = pipelines
        .filter((pipeline) => pipeline.service === service)
        .flatMap(({ stages }) => stages.flatMap((stage) => stage.targets.ring ?? []));
      return el(
        'div',
        { 'data-key': `service-${service}` },
        services.length > 1 && el('h3', {}, service),
        el('div', { class: 'map-frame' }, table(members, revisions, [...new Set(rings)], { selected, reachable })),
        legend(members, revisions),
        detail(members.find(({ uid }) => uid === selected) ?? null, revisions, now),
      );
    }),
  );
}

function table(
  targets: readonly TargetBody[],
  revisions: ReadonlyMap<string, Revision>,
  rings: readonly string[],
  choice: Choice,
): Child {
  const columns = ordered(
    targets.map(({ labels }) => labels.ring ?? ''),
    rings,
  );
  const rows = ordered(
    targets.map(({ labels }) => labels.region ?? ''),
    [],
  );
  const reachable = targets.find(({ uid }) => uid === choice.reachable)?.uid ?? targets[0]?.uid ?? null;
  return el(
    'table',
    { class: 'map' },
    el('caption', { class: 'unseen' }, 'Targets by region and ring. Arrow keys move from target to target.'),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('td', {}),
        columns.map((ring) => el('th', { scope: 'col', 'data-key': ring }, ring === '' ? 'no ring' : ring)),
      ),
    ),
    el(
      'tbody',
      {},
      rows.map((region) =>
        el(
          'tr',
          { 'data-key': region },
          el('th', { scope: 'row' }, region === '' ? 'no region' : region),
          columns.map((ring) => {
            const here = targets.filter(
              ({ labels }) => (labels.ring ?? '') === ring && (labels.region ?? '') === region,
            );
            const roles = ordered(
              here.map(({ role }) => role),
              [],
            );
            return el(
              'td',
              { 'data-key': ring },
              roles.map((role) =>
                group(
                  role,
                  here.filter((target) => target.role === role),
                  revisions,
                  { ...choice, reachable },
                ),
              ),
            );
          }),
        ),
      ),
    ),
  );
}

function group(
  role: string,
  targets: readonly TargetBody[],
  revisions: ReadonlyMap<string, Revision>,
  { selected, reachable }: Choice,
): Child {
  return el(
    'div',
    { class: 'role-group', 'data-key': role },
    el('span', { class: 'role-name' }, role),
    targets.length > MOST_DRAWN
      ? counts(targets, revisions)
      : el(
          'ul',
          {},
          targets.map((target) => {
            const revision = revisions.get(target.uid);
            const standing = standingOf(target);
            const { mark, says } = STANDINGS[standing];
            return el(
              'li',
              { 'data-key': target.uid },
              el(
                'button',
                {
                  type: 'button',
                  class: `target tone-${revision?.tone ?? 'unknown'} ${standing}`,
                  'data-target': target.uid,
                  tabindex: target.uid === reachable ? 0 : -1,
                  'aria-pressed': target.uid === selected ? 'true' : 'false',
                  'aria-label': `${target.name}, holds ${revision?.name ?? 'something unknown'}, ${says}`,
                  title: `${target.name}: ${revision?.name ?? 'unknown'}, ${says}`,
                },
                el('span', { class: 'letter' }, revision?.letter ?? '?'),
                mark !== '' && el('span', { class: 'state' }, mark),
              ),
            );
          }),
        ),
  );
}

function counts(targets: readonly TargetBody[], revisions: ReadonlyMap<string, Revision>): Child {
  const groups = new Map<string, { revision: Revision | undefined; standing: Standing; count: number }>();
  for (const target of targets) {
    const [revision, standing] = [revisions.get(target.uid), standingOf(target)];
    const key = `${revision?.letter} ${standing}`;
    groups.set(key, { revision, standing, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return el(
    'ul',
    { class: 'counts' },
    [...groups]
      .sort(([, a], [, b]) => b.count - a.count)
      .map(([key, { revision, standing, count }]) =>
        el(
          'li',
          { 'data-key': key },
          el(
            'span',
            { class: `target tone-${revision?.tone ?? 'unknown'} ${standing}` },
            el('span', { class: 'letter' }, revision?.letter ?? '?'),
          ),
          ` ${formatCount(count)}${standing === 'settled' ? '' : ` ${STANDINGS[standing].says}`}`,
        ),
      ),
  );
}

function legend(targets: readonly TargetBody[], revisions: ReadonlyMap<string, Revision>): Child {
  const byLetter = new Map<string, { revision: Revision; count: number }>();
  for (const revision of revisions.values())
    byLetter.set(revision.letter, { revision, count: (byLetter.get(revision.letter)?.count ?? 0) + 1 });
  const standings = new Map<Standing, number>();
  for (const target of targets) standings.set(standingOf(target), (standings.get(standingOf(target)) ?? 0) + 1);
  const notable = [...standings].filter(([standing]) => standing !== 'settled');
  return el(
    'div',
    { class: 'legend' },
    el(
      'ul',
      { 'aria-label': 'revisions' },
      [...byLetter.values()]
        .sort((a, b) => (a.revision.letter < b.revision.letter ? -1 : 1))
        .map(({ revision, count }) =>
          el(
            'li',
            { 'data-key': revision.letter },
            el(
              'span',
              { class: `target tone-${revision.tone}`, 'aria-hidden': 'true' },
              el('span', { class: 'letter' }, revision.letter),
            ),
            el(
              'span',
              {},
              ` ${revision.name} `,
              revision.digest !== null && el('code', { title: revision.digest }, shortDigest(revision.digest)),
              ` ${formatCount(count)}`,
            ),
          ),
        ),
    ),
    notable.length > 0 &&
      el(
        'ul',
        { 'aria-label': 'marks' },
        notable.map(([standing, count]) =>
          el(
            'li',
            { 'data-key': standing },
            el('span', { class: 'state sample', 'aria-hidden': 'true' }, STANDINGS[standing].mark),
            ` ${STANDINGS[standing].says} ${formatCount(count)}`,
          ),
        ),
      ),
  );
}

/** What one target says of itself. */
function detail(target: TargetBody | null, revisions: ReadonlyMap<string, Revision>, now: number): Child {
  if (target === null) return null;
  const { name, role, labels, connected, lastHeardAt, report } = target;
  const heard =
    lastHeardAt === null
      ? 'not heard since the control plane started'
      : `heard ${formatSpan(now - Date.parse(lastHeardAt))} ago`;
  return el(
    'div',
    { class: 'target-detail', role: 'group', 'aria-label': `target ${name}` },
    el(
      'p',
      { class: 'target-name' },
      name,
      el('span', { class: 'fine' }, ` ${role} · ${connected ? 'connected' : 'not connected'} · ${heard}`),
    ),
    el(
      'p',
      { class: 'fine' },
      Object.entries(labels)
        .map(([label, value]) => `${label}=${value}`)
        .join(' '),
    ),
    report?.slots.map(({ slot, current, phase, verifiedBy, failure, failureCode }) =>
      el(
        'p',
        { 'data-key': slot },
        el('code', {}, slot),
        ` holds ${revisions.get(target.uid)?.name ?? 'something unknown'} `,
        el('code', { title: current ?? '' }, shortDigest(current)),
        `, ${phase}${verifiedBy === '' ? '' : `, read back by ${verifiedBy}`}`,
        failure !== '' && el('span', { class: 'bad-text' }, ` ${failure} (${failureCode})`),
      ),
    ) ?? null,
    report !== null &&
      report.checks.length > 0 &&
      el(
        'p',
        {},
        report.checks
          .map(
            ({ name: check, healthy, detail: says }) => `${healthy ? '✓' : '!'} ${check}${healthy ? '' : `: ${says}`}`,
          )
          .join(' · '),
      ),
  );
}

/** Distinct values: the known ones in their order, then the rest by name. */
function ordered(values: readonly string[], known: readonly string[]): readonly string[] {
  const present = new Set(values);
  return [...known.filter((value) => present.delete(value)), ...[...present].sort()];
}

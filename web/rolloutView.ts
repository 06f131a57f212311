import type { RolloutSummaryBody, RolloutViewBody } from '../src/wire/http/rollout.ts';
import { capacityView } from './capacityView.ts';
import { type Child, el } from './element.ts';
import type { Facts } from './feed.ts';
import { ladder } from './ladder.ts';
import { verdictList } from './verdictView.ts';
import { formatSpan, formatTime, listed, percent, plural, shortDigest } from './words.ts';

/** Rollouts under way in full, then those that are over, which open on demand. */
export function rolloutsView({ summaries, views }: Facts, now: number): Child {
  const running = summaries.filter(({ endedAt }) => endedAt === null);
  const over = summaries.filter(({ endedAt }) => endedAt !== null);
  return el(
    'section',
    { id: 'rollouts', class: 'rollouts', 'data-key': 'rollouts', 'aria-labelledby': 'rollouts-title', tabindex: -1 },
    el('h2', { id: 'rollouts-title' }, running.length === 0 ? 'Rollouts' : 'Under way'),
    running.length === 0 && over.length === 0
      ? el(
          'p',
          { class: 'empty' },
          'No change has been rolled out yet. ',
          el('code', {}, 'ringfence apply -f change.yaml'),
          ', then ',
          el('code', {}, 'ringfence rollout start NAME'),
          '.',
        )
      : running.length === 0 && el('p', { class: 'quiet' }, 'Nothing is under way.'),
    running.map((summary) => runningCard(summary, views.get(summary.id) ?? null, now)),
    over.length > 0 && running.length > 0 && el('h2', { class: 'later' }, 'Over'),
    over.map((summary, index) => overCard(summary, views.get(summary.id) ?? null, index === 0, now)),
  );
}

function runningCard(summary: RolloutSummaryBody, view: RolloutViewBody | null, now: number): Child {
  return el(
    'article',
    { class: 'panel rollout', 'data-key': `running-${summary.id}`, 'aria-label': `rollout ${summary.id}` },
    el('header', { class: 'rollout-head' }, el('h3', {}, headline(summary))),
    view === null ? el('p', { class: 'quiet' }, 'Reading how it stands…') : details(view, now),
  );
}

function overCard(summary: RolloutSummaryBody, view: RolloutViewBody | null, isNewest: boolean, now: number): Child {
  return el(
    'details',
    { class: 'panel rollout', 'data-key': `over-${summary.id}`, 'data-rollout': summary.id, open: isNewest },
    el('summary', { class: 'rollout-head' }, el('h3', {}, headline(summary))),
    view === null ? el('p', { class: 'quiet' }, 'Reading how it went…') : details(view, now),
  );
}

function headline({ id, change, phase, holds, paused }: RolloutSummaryBody): Child {
  const [word, tone, mark] =
    phase === 'completed'
      ? ['completed', 'good', '✓']
      : phase === 'rolledBack'
        ? ['rolled back', 'bad', '↩']
        : phase === 'rollingBack'
          ? ['rolling back', 'bad', '↩']
          : paused !== null
            ? ['paused', 'wait', '‖']
            : holds.length > 0
              ? ['held', 'wait', '‖']
              : [phase, 'busy', '▸'];
  return [
    el('span', { class: 'change-name' }, change.name),
    el('span', { class: 'rollout-id' }, id),
    el('span', { class: `chip ${tone}` }, el('span', { 'aria-hidden': 'true' }, `${mark} `), word),
  ];
}

function details(view: RolloutViewBody, now: number): Child {
  const { rollout, tally, verdicts } = view;
  const over = rollout.endedAt !== null;
  // After a restart the figures of one that is over are gone; what its stages proved is in the evidence.
  const telling = over ? verdicts.filter(({ outcome }) => outcome !== 'no-data') : verdicts;
  return [
    standing(view, now),
    ladder(view, now),
    !over && capacityView(view),
    !over && blast(view),
    !over &&
      tally.absent > 0 &&
      el(
        'p',
        { class: 'fine' },
        `${plural(tally.absent, 'target')} of this change not connected, so not told of it yet.`,
      ),
    telling.length > 0 && [
      el('h4', {}, `What the checks say of ${rollout.plan[rollout.stage]?.name ?? 'this stage'}`),
      verdictList(telling),
    ],
    failures(view),
    rollout.evidence.map((evidence) =>
      el(
        'details',
        { class: 'evidence', 'data-key': `evidence-${evidence.stage}` },
        el('summary', {}, `Evidence of ${evidence.stage}, ${formatTime(evidence.at, now)}`),
        verdictList(evidence.verdicts),
      ),
    ),
    el(
      'p',
      { class: 'fine' },
      rollout.change.reason !== '' && `“${rollout.change.reason}” · `,
      `${rollout.change.service} ${rollout.change.roles.join(', ')} · `,
      el('code', { title: rollout.change.digest }, shortDigest(rollout.change.digest)),
      ` · started ${formatTime(rollout.startedAt, now)} by ${rollout.startedBy}`,
      rollout.endedAt !== null && ` · took ${formatSpan(Date.parse(rollout.endedAt) - Date.parse(rollout.startedAt))}`,
    ),
  ];
}

/** What it does or waits for; each hold by its name and in words. */
function standing({ rollout, says }: RolloutViewBody, now: number): Child {
  const { holds, paused, rollback, heldSinceAt, endedAt } = rollout;
  if (endedAt !== null) return el('p', { class: 'standing' }, says);
  const box = (tone: string, since: string, ...content: readonly Child[]) =>
    el('div', { class: `reason ${tone}` }, content, el('p', { class: 'since' }, since));
  if (rollback !== null)
    return box('bad', `ordered by ${rollback.by} at ${formatTime(rollback.at, now)}`, el('p', {}, says));
  if (paused !== null) return box('wait', `since ${formatTime(paused.at, now)}`, el('p', {}, says));
  if (holds.length === 0) return el('p', { class: 'standing' }, says);
  const since = heldSinceAt === null ? '' : ` for ${formatSpan(now - Date.parse(heldSinceAt))}`;
  return el(
    'div',
    { class: 'reason wait' },
    el('p', {}, `Held in ${rollout.plan[rollout.stage]?.name ?? 'this stage'}${since}, because`),
    el(
      'ul',
      {},
      holds.map(({ reason, says: why }) => el('li', { 'data-key': reason }, why, ' ', el('code', {}, reason))),
    ),
  );
}

/** Who is hurt if this is bad: now, and if it goes on. */
function blast({ blast: { now, promoted, dependents } }: RolloutViewBody): Child {
  const services = dependents.map(({ service }) => service);
  return el(
    'p',
    { class: 'fine blast' },
    `Exposed now: ${sayReach(now)}.`,
    promoted !== null && ` With ${promoted.stage}: ${sayReach(promoted.reach)}.`,
    services.length > 0 && ` Needed by ${listed(services, 6)}.`,
  );
}

/** `4 targets (19 %), 52 % of the traffic`. */
function sayReach({ targets, share, traffic }: RolloutViewBody['blast']['now']): string {
  const told = traffic === null ? '' : `, ${percent(traffic)} of the traffic`;
  return `${plural(targets, 'target')} (${percent(share)})${told}`;
}

function failures({ rollout }: RolloutViewBody): Child {
  const stragglers = rollout.stragglers.length > 0;
  if (rollout.failedCount === 0 && !stragglers) return null;
  return el(
    'div',
    { class: 'failures' },
    rollout.failedCount > 0 && [
      el('h4', {}, `${plural(rollout.failedCount, 'target')} failed`),
      el(
        'ul',
        {},
        rollout.failed
          .slice(0, 6)
          .map(({ target, code, says }) => el('li', {}, `${target}: ${says} `, el('code', {}, code))),
      ),
    ],
    stragglers && el('p', {}, `Not back in time: ${listed(rollout.stragglers)}`),
  );
}

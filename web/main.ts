import { ApiClient } from './apiClient.ts';
import { el, show } from './element.ts';
import { Feed, type Known } from './feed.ts';
import { fleetMap } from './fleetMap.ts';
import { connectionView, notices, signInView } from './mastheadView.ts';
import { recordView } from './recordView.ts';
import { rolloutsView } from './rolloutView.ts';

const client = new ApiClient();
const feed = new Feed(client, redrawSoon);
let selected: string | null = null;
let reachable: string | null = null;
let drawing = false;

/** However much arrives, the page is drawn once a frame. */
function redrawSoon(): void {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    draw(feed.known);
  });
}

function draw(known: Known): void {
  const { connection, facts } = known;
  const now = client.now();
  show(part('connection'), connectionView(known));
  show(part('notices'), notices(known, now));
  const main = part('main');
  main.classList.toggle('stale', connection.kind === 'lost');
  if (connection.kind === 'signed-out') {
    show(main, signInView(connection.says));
  } else if (facts === null) {
    const says =
      connection.kind === 'lost'
        ? 'Nothing to show: the control plane has not answered yet.'
        : 'Asking the control plane…';
    show(main, el('p', { class: 'waiting' }, says));
  } else {
    show(main, rolloutsView(facts, now), fleetMap(facts, { selected, reachable }, now), recordView(facts, now));
  }
  document.title = titleOf(known);
  announce(known);
}

function titleOf({ connection, facts }: Known): string {
  if (connection.kind === 'lost') return 'not connected · Ringfence';
  const running = facts?.summaries.filter(({ endedAt }) => endedAt === null) ?? [];
  const [first] = running;
  if (first === undefined) return 'Ringfence';
  return running.length > 1 ? `${running.length} rollouts · Ringfence` : `${first.id} ${first.phase} · Ringfence`;
}

let announced = '';

/** Tells screen readers what they would otherwise have to look for: the connection, and phases and holds of what is under way. */
function announce({ connection, facts }: Known): void {
  if (connection.kind === 'connecting') return;
  const newest = facts?.summaries[0];
  const rollout =
    newest === undefined
      ? ''
      : `${newest.id} ${newest.phase} ${newest.stage}${newest.holds.length > 0 ? ', held' : ''}`;
  const says =
    connection.kind === 'lost'
      ? 'not connected to the control plane'
      : connection.kind === 'signed-out'
        ? 'not signed in'
        : rollout;
  if (says === announced) return;
  announced = says;
  show(part('announcements'), says);
}

function part(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`index.html has no element #${id}`);
  return element;
}

document.addEventListener('click', ({ target }) => {
  if (!(target instanceof Element)) return;
  if (target.closest('[data-action="retry"]') !== null) feed.retryNow();
  const uid = target.closest('[data-target]')?.getAttribute('data-target') ?? null;
  if (uid === null) return;
  selected = selected === uid ? null : uid;
  redrawSoon();
});

document.addEventListener('submit', (event) => {
  event.preventDefault();
  const input = document.getElementById('token');
  if (!(input instanceof HTMLInputElement)) return;
  const token = input.value.trim();
  input.value = '';
  if (token !== '') feed.signIn(token);
});

// `toggle` does not bubble.
document.addEventListener(
  'toggle',
  ({ target }) => {
    if (!(target instanceof HTMLDetailsElement) || !target.open) return;
    const id = target.getAttribute('data-rollout');
    if (id !== null && feed.known.facts?.views.has(id) === false) void feed.openRollout(id);
  },
  true,
);

document.addEventListener('focusin', ({ target }) => {
  if (target instanceof Element) reachable = target.getAttribute('data-target') ?? reachable;
});

/** The map is one stop of the Tab key; arrows go from target to target. */
document.addEventListener('keydown', (event) => {
  if (!(event.target instanceof HTMLElement) || !event.target.matches('[data-target]')) return;
  const all = [...document.querySelectorAll<HTMLElement>('button[data-target]')];
  const at = all.indexOf(event.target);
  const to =
    event.key === 'ArrowRight' || event.key === 'ArrowDown'
      ? at + 1
      : event.key === 'ArrowLeft' || event.key === 'ArrowUp'
        ? at - 1
        : event.key === 'Home'
          ? 0
          : event.key === 'End'
            ? all.length - 1
            : null;
  if (to === null) return;
  event.preventDefault();
  const next = all[Math.max(0, Math.min(all.length - 1, to))];
  next?.focus();
});

setInterval(() => {
  if (!document.hidden) redrawSoon();
  void feed.refreshTargets();
}, 1000);
document.addEventListener('visibilitychange', () => void feed.refreshTargets());

redrawSoon();
void feed.run();

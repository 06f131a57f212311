import { type Child, el } from './element.ts';
import type { Known } from './feed.ts';
import { formatSpan, formatTime } from './words.ts';

/** Whether what is on the screen is how things are, and since when it was heard. */
export function connectionView({ connection, heardAt }: Known): Child {
  const heard = heardAt === null ? null : `last heard ${formatSpan(Date.now() - heardAt)} ago`;
  switch (connection.kind) {
    case 'connecting':
      return badge('busy', 'connecting', heard);
    case 'live':
      return badge('good', 'live', heard);
    case 'lost':
      return badge('bad', 'not connected', heard);
    case 'signed-out':
      return badge('wait', 'not signed in', null);
  }
}

function badge(tone: string, word: string, heard: string | null): Child {
  return el(
    'p',
    { class: `connection ${tone}` },
    el('span', { class: 'dot', 'aria-hidden': 'true' }),
    el('strong', {}, word),
    heard !== null && el('span', { class: 'heard' }, heard),
  );
}

/** What everyone who looks must know first. */
export function notices({ connection, facts }: Known, now: number): Child {
  return [
    connection.kind === 'lost' &&
      el(
        'div',
        { class: 'notice bad', 'data-key': 'lost', role: 'alert' },
        el(
          'p',
          {},
          el('strong', {}, `Not connected: ${connection.says}. `),
          facts === null
            ? 'There is nothing to show yet. '
            : `What you see is from ${formatTime(new Date(connection.since).toISOString(), Date.now())}. `,
        ),
        el(
          'p',
          {},
          el('span', {}, countdown(connection.retryAt)),
          ' ',
          el('button', { type: 'button', 'data-action': 'retry' }, 'Try now'),
        ),
      ),
    facts?.halt !== undefined &&
      facts.halt !== null &&
      el(
        'div',
        { class: 'notice bad', 'data-key': 'halt' },
        el(
          'p',
          {},
          el('strong', {}, 'The line is halted. '),
          `${facts.halt.by} at ${formatTime(facts.halt.at, now)}: ${facts.halt.reason}. Nothing moves forward; rollbacks do.`,
        ),
      ),
  ];
}

function countdown(retryAt: number): string {
  const seconds = Math.ceil((retryAt - Date.now()) / 1000);
  return seconds > 0 ? `Trying again in ${seconds}s.` : 'Trying again…';
}

/** Where a token is asked for. */
export function signInView(says: string | null): Child {
  return el(
    'section',
    { class: 'panel sign-in', 'data-key': 'sign-in', 'aria-labelledby': 'sign-in-title' },
    el('h2', { id: 'sign-in-title' }, 'Sign in to look'),
    el(
      'p',
      {},
      'This control plane shows its state to holders of a token. A viewer token is enough: this page only reads.',
    ),
    says !== null && el('p', { class: 'reason bad', role: 'alert' }, `That did not work: ${says}.`),
    el(
      'form',
      { 'data-action': 'sign-in' },
      el('label', { for: 'token' }, 'Token'),
      el('input', {
        id: 'token',
        name: 'token',
        type: 'password',
        autocomplete: 'off',
        spellcheck: 'false',
        required: true,
      }),
      el('button', { type: 'submit' }, 'Sign in'),
    ),
    el(
      'p',
      { class: 'fine' },
      'It stays in the memory of this tab and nowhere else; after a reload it is asked for again.',
    ),
  );
}

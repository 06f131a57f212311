import type { VerdictBody } from '../src/wire/http/verdict.ts';
import { type Child, el, svg } from './element.ts';

const OUTCOMES: Readonly<Record<VerdictBody['outcome'], { mark: string; word: string; tone: string }>> = {
  pass: { mark: '✓', word: 'pass', tone: 'good' },
  fail: { mark: '✕', word: 'fail', tone: 'bad' },
  inconclusive: { mark: '?', word: 'inconclusive', tone: 'wait' },
  'no-data': { mark: '∅', word: 'no data', tone: 'wait' },
  error: { mark: '!', word: 'error', tone: 'bad' },
};

/** What the checks say, each with its sentence and, where there are bounds, a picture of them against the margin. */
export function verdictList(verdicts: readonly VerdictBody[]): Child {
  return el(
    'ul',
    { class: 'verdicts' },
    verdicts.map((verdict) => {
      const { mark, word, tone } = OUTCOMES[verdict.outcome];
      return el(
        'li',
        { 'data-key': `verdict-${verdict.role}-${verdict.check}` },
        el('span', { class: `chip ${tone}` }, el('span', { 'aria-hidden': 'true' }, `${mark} `), word),
        el('span', { class: 'check' }, `${verdict.check} · ${verdict.role}`),
        el('p', { class: 'says' }, verdict.says),
        boundsPicture(verdict),
      );
    }),
  );
}

const WIDTH = 240;

/**
 * The line of differences: the harmless side of the margin is shaded, the bar reaches from the lower to the upper bound, the dot is the
 * estimate. The sentence says the same, so it is hidden from screen readers.
 */
function boundsPicture({ estimate, lower, upper, margin, outcome }: VerdictBody): Child {
  if (estimate === null || lower === null || upper === null) return null;
  const reach = Math.max(2.5 * margin, Math.min(1, 1.15 * Math.max(Math.abs(lower), Math.abs(upper))), 0.001);
  const x = (difference: number) => (WIDTH / 2) * (1 + Math.max(-1, Math.min(1, difference / reach)));
  const from = x(lower);
  return svg(
    'svg',
    { class: `bounds ${outcome}`, viewBox: `0 0 ${WIDTH} 38`, 'aria-hidden': 'true' },
    svg('rect', { class: 'harmless', x: 0, y: 6, width: x(margin), height: 14 }),
    svg('line', { class: 'zero', x1: x(0), x2: x(0), y1: 3, y2: 23 }),
    svg('line', { class: 'margin', x1: x(margin), x2: x(margin), y1: 1, y2: 25 }),
    svg('rect', { class: 'interval', x: from, y: 11, width: Math.max(2, x(upper) - from), height: 4, rx: 2 }),
    svg('text', { x: x(0) - 4, y: 36, 'text-anchor': 'end' }, 'no difference'),
    svg(
      'text',
      {
        x: x(margin) + (x(margin) > WIDTH - 50 ? 0 : -2),
        y: 36,
        'text-anchor': x(margin) > WIDTH - 50 ? 'end' : 'start',
      },
      'margin',
    ),
    svg('circle', { class: 'estimate', cx: x(estimate), cy: 13, r: 4.5 }),
  );
}

import type { BlameBody } from '../../../wire/http/blame.ts';
import type { StyledLine } from '../terminal/styledLine.ts';
import { type Fact, facts } from './facts.ts';
import { moment } from './words.ts';

type Suspicion = BlameBody['ranked'][number];

const TONES = { blamed: 'bad', contested: 'warn', none: 'strong' } as const;

/** Whose doing it may be what is wrong now, in at most `width` columns: the sum, then every rollout with what speaks for and against. */
export function blameLines({ outcome, says, faults, since, ranked }: BlameBody, width: number): StyledLine[] {
  const head: Fact[] = [['blame', { text: says, tone: faults === 0 ? 'good' : TONES[outcome] }]];
  if (since !== null) head.push(['since', moment(since)]);
  const lines = facts(head, width);
  return faults === 0 || ranked.length === 0 ? lines : [...lines, [], ...facts(ranked.flatMap(suspicionFacts), width)];
}

function suspicionFacts({ rollout, outcome, state, reasons }: Suspicion): Fact[] {
  const tone = outcome === 'blamed' ? 'bad' : outcome === 'contested' ? 'warn' : 'faint';
  const said: Fact[] = reasons.map((text) => [rollout, text]);
  const text = state === 'under-way' ? outcome : `${outcome} (${state === 'back' ? 'rolled back' : state})`;
  return [[rollout, { text, tone }], ...said];
}

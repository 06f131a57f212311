import type { RolloutBody } from '../../../wire/http/rollout.ts';
import type { Glyphs } from '../terminal/glyphs.ts';
import type { Tone } from '../terminal/styledLine.ts';

/** A rollout's state in a word or two, with the sign and the tone that go with it. */
export interface StateWord {
  readonly word: string;
  readonly glyph: keyof Glyphs;
  readonly tone: Tone;
}

type StateOf = Pick<RolloutBody, 'phase' | 'holds' | 'paused'> & { readonly kept?: number | null };

const PHASES: Readonly<Record<RolloutBody['phase'], StateWord>> = {
  rolling: { word: 'rolling out', glyph: 'active', tone: 'active' },
  rehearsing: { word: 'rehearsing the way back', glyph: 'active', tone: 'active' },
  baking: { word: 'baking', glyph: 'active', tone: 'active' },
  ready: { word: 'ready to promote', glyph: 'active', tone: 'active' },
  rollingBack: { word: 'rolling back', glyph: 'back', tone: 'bad' },
  rolledBack: { word: 'rolled back', glyph: 'back', tone: 'bad' },
  completed: { word: 'completed', glyph: 'done', tone: 'good' },
};

/** Going back and having ended say more than a pause, and a pause more than a hold. */
export function rolloutState({ phase, holds, paused, kept }: StateOf): StateWord {
  if (kept != null && kept > 0) return { word: 'stopped, not undone', glyph: 'back', tone: 'bad' };
  const forward = phase !== 'rollingBack' && phase !== 'rolledBack' && phase !== 'completed';
  if (forward && paused !== null) return { word: 'paused', glyph: 'held', tone: 'warn' };
  if (forward && holds.length > 0) return { word: 'held', glyph: 'held', tone: 'warn' };
  return PHASES[phase];
}

export function hasEnded({ phase }: Pick<RolloutBody, 'phase'>): boolean {
  return phase === 'completed' || phase === 'rolledBack';
}

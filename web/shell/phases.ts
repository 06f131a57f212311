import type { RolloutSummaryBody } from '../../src/wire/http/rollout.ts';
import type { Tone } from '../parts/Chip.tsx';

type Phase = RolloutSummaryBody['phase'];

const WORDS: Readonly<Record<Phase, { readonly says: string; readonly tone: Tone; readonly mark: string }>> = {
  rolling: { says: 'rolling', tone: 'busy', mark: '▸' },
  rehearsing: { says: 'rehearsing', tone: 'busy', mark: '⇄' },
  baking: { says: 'baking', tone: 'busy', mark: '◔' },
  ready: { says: 'ready', tone: 'busy', mark: '◕' },
  rollingBack: { says: 'rolling back', tone: 'bad', mark: '↩' },
  rolledBack: { says: 'rolled back', tone: 'bad', mark: '↩' },
  completed: { says: 'completed', tone: 'good', mark: '✓' },
};

type Standing = Pick<RolloutSummaryBody, 'phase' | 'holds' | 'paused' | 'endedAt' | 'rollback'>;

/** How a rollout stands, in a word: what stops it goes before what it does. */
export function phaseOf({ phase, holds, paused, endedAt, rollback }: Standing): (typeof WORDS)[Phase] {
  const isGoing = endedAt === null && rollback === null;
  if (isGoing && paused !== null) return { says: 'paused', tone: 'wait', mark: '❚❚' };
  if (isGoing && holds.length > 0) return { says: `held, ${WORDS[phase].says}`, tone: 'wait', mark: '❚❚' };
  return WORDS[phase];
}

/** Held and paused ones first, then what goes back, then what moves; the newest of each first. */
export function byUrgency(rollouts: readonly RolloutSummaryBody[]): readonly RolloutSummaryBody[] {
  const rank = (one: RolloutSummaryBody) => {
    if (one.rollback !== null) return 1;
    return one.holds.length > 0 || one.paused !== null ? 0 : 2;
  };
  return rollouts.toSorted((a, b) => rank(a) - rank(b) || Date.parse(b.startedAt) - Date.parse(a.startedAt));
}

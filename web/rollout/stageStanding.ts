import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { formatCount, plural } from '../words.ts';

/** Where a stage stands. `untouched`: it never saw the change and, the rollout being over, never will. */
export type StageStanding = 'passed' | 'present' | 'ahead' | 'takenBack' | 'untouched';

/** What a stage does once its waves are open. */
const PHASE_WORDS = {
  rehearsing: 'rehearsing the way back',
  baking: 'baking',
  ready: 'ready',
  rollingBack: 'going back',
  rolledBack: 'taken back',
  completed: 'passed',
} as const;

export function stageStanding({ rollout }: RolloutViewBody, index: number): StageStanding {
  const { phase, stage } = rollout;
  if (phase === 'completed') return 'passed';
  if (phase === 'rollingBack' || phase === 'rolledBack') return index <= stage ? 'takenBack' : 'untouched';
  return index < stage ? 'passed' : index === stage ? 'present' : 'ahead';
}

export function sayStage(view: RolloutViewBody, index: number): string {
  const { rollout, tally } = view;
  switch (stageStanding(view, index)) {
    case 'passed':
      return 'passed';
    case 'ahead':
      return 'closed';
    case 'untouched':
      return 'never opened';
    case 'takenBack':
      if (rollout.phase === 'rolledBack') return 'taken back';
      return tally.notBack === 0 ? 'back' : `${plural(tally.notBack, 'target')} of the rollout not back yet`;
    case 'present': {
      const failed = tally.failed > 0 ? [`${formatCount(tally.failed)} failed`] : [];
      const confirmed = `${formatCount(tally.confirmed)} of ${formatCount(tally.opened)} confirmed`;
      const wave = `wave ${rollout.wave + 1} of ${rollout.plan[index]?.waves.length ?? 1}`;
      return [rollout.phase === 'rolling' ? wave : PHASE_WORDS[rollout.phase], confirmed, ...failed].join(', ');
    }
  }
}

export interface WaveStanding {
  readonly number: number;
  /** Targets that are in this wave and in none before it. */
  readonly targets: number;
  readonly isOpen: boolean;
  /** Of its targets: what has the change and was confirmed. */
  readonly done: number;
}

export function wavesOf(view: RolloutViewBody, index: number): readonly WaveStanding[] {
  const { rollout, tally } = view;
  const standing = stageStanding(view, index);
  let before = 0;
  return (rollout.plan[index]?.waves ?? []).map(({ targets }, wave) => {
    const from = before;
    const size = Math.max(0, targets - from);
    before = Math.max(before, targets);
    const isOpen = standing === 'passed' || (standing === 'present' && wave <= rollout.wave);
    const done = standing === 'passed' ? size : isOpen ? Math.max(0, Math.min(size, tally.confirmed - from)) : 0;
    return { number: wave + 1, targets: size, isOpen, done };
  });
}

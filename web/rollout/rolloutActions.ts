import type { Deed } from '../../src/wire/http/deed.ts';
import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import { plural, sayReach } from '../words.ts';

export interface RolloutAction {
  readonly deed: Deed;
  readonly says: string;
  /** One key, wherever one is in the view. */
  readonly key: string;
  readonly look: 'danger' | 'grave' | 'primary' | '';
  readonly isShown: (view: RolloutViewBody) => boolean;
  /** What will come of it, before it is confirmed. */
  readonly foretell: (view: RolloutViewBody) => string;
  /** `null`: none is asked for. Else what stands there at first. */
  readonly reason: { readonly isNeeded: boolean; readonly first: string } | null;
}

const isForward = ({ rollout }: RolloutViewBody) => rollout.rollback === null;

/** In the order in which they stand on the screen. */
export const ROLLOUT_ACTIONS: readonly RolloutAction[] = [
  {
    ...{ deed: 'rollback', says: 'Roll back', key: 'r', look: 'danger' },
    isShown: isForward,
    foretell: ({ blast, rollout }) =>
      `${plural(blast.now.targets, 'target')} go back to the last known good at once. It needs no approval and no open freeze, and ${rollout.change.name} is quarantined.`,
    reason: { isNeeded: true, first: 'ordered from the console' },
  },
  {
    ...{ deed: 'pause', says: 'Pause', key: 'p', look: '' },
    isShown: (view) => isForward(view) && view.rollout.paused === null,
    foretell: () => 'Nothing more opens until somebody resumes it. What has the change keeps it.',
    reason: { isNeeded: true, first: '' },
  },
  {
    ...{ deed: 'resume', says: 'Resume', key: 'u', look: '' },
    isShown: (view) => isForward(view) && (view.rollout.paused !== null || view.rollout.holds.length > 0),
    foretell: () => 'It ends a pause, and accepts the holds that wait for a person.',
    reason: null,
  },
  {
    ...{ deed: 'promote', says: 'Promote', key: 'o', look: 'primary' },
    isShown: (view) => isForward(view) && view.rollout.stage < view.rollout.plan.length,
    foretell: ({ blast }) =>
      blast.promoted === null
        ? 'It opens what comes next, with the evidence in hand.'
        : `It opens ${blast.promoted.stage}: then ${sayReach(blast.promoted.reach)} have the change.`,
    reason: null,
  },
  {
    ...{ deed: 'approve', says: 'Approve', key: 'a', look: '' },
    isShown: (view) => isForward(view) && view.rollout.holds.some(({ reason }) => reason === 'awaiting-approval'),
    foretell: () => 'It is on the record under your name.',
    reason: { isNeeded: false, first: '' },
  },
  {
    ...{ deed: 'halt', says: 'Halt the line', key: 'H', look: 'grave' },
    isShown: () => true,
    foretell: () => 'Nothing moves forward anywhere, in no rollout, until it is lifted. Rollbacks go on.',
    reason: { isNeeded: true, first: '' },
  },
];

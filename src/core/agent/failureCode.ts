/** Why a slot could not hold what it should hold. A closed list; a code is never renamed, since rollouts are judged by them. */
export const FAILURE_CODES = {
  'prepare-failed':
    'the bytes could not be had, are not what their name says, or the slot cannot take them; nothing was changed',
  'disk-full': 'the target has no room for it; nothing was changed',
  'sick-before': 'a local check failed before anything was changed; nothing was changed',
  drifted: 'somebody else changed what the slot holds; nothing was changed',
  'apply-failed': 'it could not be put in force',
  'verify-failed': 'it was put in force, but reading back did not show it',
  'check-failed': 'a local check failed while it was in force',
  'not-confirmed': 'its confirmation did not come in time',
  interrupted: 'the agent ended before it was confirmed',
  'crash-loop':
    'with it in force the agent or the service was started, or a local check began to fail, again and again',
  'taken-back': 'a person took it back on the target itself (ringfence agent revert)',
  'revert-failed': 'the way back was taken, but its effect cannot be shown',
  refused: 'the assignment is not one this agent accepts',
} as const;

export type FailureCode = keyof typeof FAILURE_CODES;

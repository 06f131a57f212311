/** Why a rollout holds itself. A set: several may be true at once and all are said. Each lifts by itself when its cause is gone, unless noted. */
export const HOLD_REASONS = {
  'line-halted': 'somebody halted the line; lift it to go on',
  frozen: 'a freeze of the calendar binds this service',
  'rule-refused': 'a rule of the pipeline is not met by what would open next, or cannot be evaluated',
  'awaiting-promotion': 'the evidence is in hand; the pipeline asks a person to open the next stage',
  'awaiting-approval': 'people are asked first, and have not all said yes',
  'signal-failed': 'a signal failed; a person decides (resume goes on, rollback goes back)',
  'too-little-exposure': 'the bake deadline passed before the stage saw enough traffic',
  inconclusive: 'the bake deadline passed and the checks could not tell pass from fail',
  'no-data': 'a check has no data; nothing is opened on silence',
  'check-error': 'a check cannot be evaluated',
  'permit-refused':
    'targets refuse the permit; nothing goes on until none does (roll back, or put right what they name)',
  'record-contradicts':
    'the record opens another part of the fleet than was signed: nothing opens on it (roll back, or restore the record)',
  'evidence-expired': 'the evidence of the stage has expired; resume bakes the stage anew',
  'evidence-revoked': 'a person took evidence back; resume bakes the stage anew, if it is the present one',
  'no-capacity': 'a failure domain has no room for one more unavailable target',
  'slow-path': 'targets are under way beyond their deadline; nothing more is ordered until they come to rest',
  'all-red':
    'untouched targets are as sick as touched ones: suspect the probe or a common cause; nothing is done to the fleet',
  'no-peak':
    'the bake must cover a peak, and the calendar gives none (mend the pipeline and start again, or roll back)',
  blamed: 'it is to blame for targets that turned unhealthy; it goes back unless they turn out to have another cause',
  'harm-contested':
    'it may be to blame for targets that turned unhealthy, and so may another; unless that becomes clear, the one that fits best goes back first',
  'harm-beside': 'its targets are unhealthy by the doing of another; it goes on when they are well',
  'no-targets-connected': 'no target of the open stage is connected',
  'pause-expired': 'it was paused for longer than the pipeline allows',
} as const;

export type HoldReason = keyof typeof HOLD_REASONS;

/** Holds that a person may accept with `resume`. All others end when their cause does: nobody can vouch for evidence that is not there. */
export const ACCEPTABLE_HOLDS: readonly HoldReason[] = ['signal-failed'];

import type { TargetStanding } from '../../src/wire/http/fleet.ts';

interface Look {
  /** On the map, besides the colour; empty: nothing to notice. */
  readonly mark: string;
  readonly says: string;
  /** Whether somebody should look. */
  readonly isTrouble: boolean;
}

export const STANDING_LOOKS: Readonly<Record<TargetStanding, Look>> = {
  gone: { mark: '–', says: 'not connected', isTrouble: true },
  failed: { mark: '✕', says: 'failed', isTrouble: true },
  unwell: { mark: '!', says: 'unhealthy', isTrouble: true },
  reverting: { mark: '↩', says: 'reverting', isTrouble: true },
  changing: { mark: '…', says: 'changing', isTrouble: false },
  behind: { mark: '›', says: 'told to change', isTrouble: false },
  unheard: { mark: '?', says: 'has not reported', isTrouble: false },
  settled: { mark: '', says: 'settled', isTrouble: false },
};

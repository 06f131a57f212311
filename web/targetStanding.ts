import type { TargetBody } from '../src/wire/http/target.ts';

/** How a target stands, the most urgent first: mark on the map (besides its colour) and words. */
export const STANDINGS = {
  gone: { mark: '–', says: 'not connected' },
  failed: { mark: '✕', says: 'failed' },
  unwell: { mark: '!', says: 'unhealthy' },
  reverting: { mark: '↩', says: 'reverting' },
  underway: { mark: '…', says: 'changing' },
  behind: { mark: '›', says: 'told to change' },
  unheard: { mark: '?', says: 'has not reported' },
  settled: { mark: '', says: 'settled' },
} as const;

export type Standing = keyof typeof STANDINGS;

export function standingOf({ connected, report, desired }: TargetBody): Standing {
  if (!connected) return 'gone';
  if (report === null) return 'unheard';
  const phases = report.slots.map(({ phase }) => phase);
  if (phases.includes('failed')) return 'failed';
  if (report.checks.some(({ healthy }) => !healthy)) return 'unwell';
  if (phases.includes('reverting')) return 'reverting';
  if (phases.some((phase) => phase !== 'settled')) return 'underway';
  const behind = report.slots.some(({ slot, current, baseline }) => {
    const wanted = desired[slot];
    return wanted !== undefined && current !== (wanted ?? baseline);
  });
  return behind ? 'behind' : 'settled';
}

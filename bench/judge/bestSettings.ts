import { FAMILIES } from './comparison.ts';
import { FLEET_KINDS } from './fleets.ts';
import { type JudgeFigures, TIMES } from './judgeFigures.ts';

type Row = JudgeFigures['comparison'][number];

/** What one judge does on one kind of fleet with one setting. */
export interface Performance {
  readonly setting: string;
  /** Shares of stories: rolled back without harm, and with harm. */
  readonly falsely: number;
  readonly found: number;
  /** Mean minute at which harm was found, of those where it was. */
  readonly meanMinute: number | null;
}

/** Kinds of fleet on which stories with and without harm were shown. */
export function fleetsCompared(comparison: JudgeFigures['comparison']): readonly string[] {
  const isShown = (name: string, times: number) => comparison.some((one) => one.fleet === name && one.times === times);
  return FLEET_KINDS.map(({ name }) => name).filter((name) => TIMES.every((times) => isShown(name, times)));
}

export function performanceOf(
  comparison: JudgeFigures['comparison'],
  family: string,
  setting: string,
  fleet: string,
): Performance {
  const row = (times: number): Row | undefined =>
    comparison.find(
      (one) => one.family === family && one.setting === setting && one.fleet === fleet && one.times === times,
    );
  const [without, harmed] = [row(1), row(2)];
  return {
    setting,
    falsely: (without?.rolledBack ?? 0) / (without?.stories ?? 1),
    found: (harmed?.rolledBack ?? 0) / (harmed?.stories ?? 1),
    meanMinute: harmed?.meanMinute ?? null,
  };
}

/**
 * The setting with which a judge finds most, and soonest, among those that roll back no more than `budget` of what is harmless: chosen for
 * this fleet with hindsight, which no user has. `null` where no setting is so good.
 */
export function bestSetting(
  comparison: JudgeFigures['comparison'],
  family: string,
  fleet: string,
  budget: number,
): Performance | null {
  const settings = FAMILIES.find(({ name }) => name === family)?.settings ?? [];
  const fitting = settings
    .map((setting) => performanceOf(comparison, family, setting, fleet))
    .filter(({ falsely }) => falsely <= budget);
  const [best] = fitting.sort(
    (a, b) =>
      b.found - a.found || (a.meanMinute ?? Number.POSITIVE_INFINITY) - (b.meanMinute ?? Number.POSITIVE_INFINITY),
  );
  return best ?? null;
}

/** Where another judge, with its best setting, finds clearly more than ours or clearly sooner: in words. */
export function whereBeaten(
  comparison: JudgeFigures['comparison'],
  fleets: readonly string[],
  budget: number,
): readonly string[] {
  const [ours, ...others] = FAMILIES;
  if (ours === undefined) return [];
  return fleets.flatMap((fleet) => {
    const own =
      bestSetting(comparison, ours.name, fleet, budget) ??
      performanceOf(comparison, ours.name, ours.settings[0] ?? '', fleet);
    return others.flatMap(({ name }) => {
      const best = bestSetting(comparison, name, fleet, budget);
      if (best === null || best.meanMinute === null) return [];
      const findsMore = best.found > own.found + 0.02;
      const isSooner =
        best.found >= own.found - 0.02 && best.meanMinute < 0.9 * (own.meanMinute ?? Number.POSITIVE_INFINITY);
      if (!findsMore && !isSooner) return [];
      return [
        `**${fleet}**: ${name}, ${best.setting}, finds ${percent(best.found)} after ${minutes(best)}; Ringfence ${percent(own.found)} after ${minutes(own)}.`,
      ];
    });
  });
}

const percent = (share: number) => `${(100 * share).toFixed(share === 1 || share === 0 ? 0 : 1)} %`;
const minutes = ({ meanMinute }: Performance) => (meanMinute === null ? '–' : `${meanMinute.toFixed(0)} minutes`);

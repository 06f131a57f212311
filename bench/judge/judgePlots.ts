import { dotPlot } from '../plot.ts';
import { bestSetting, fleetsCompared } from './bestSettings.ts';
import { FAMILIES } from './comparison.ts';
import { METRICS } from './falseRollbacks.ts';
import type { JudgeFigures } from './judgeFigures.ts';
import { BUDGET } from './run.ts';

export function plotFalseRollbacks({ falseRollbacks }: JudgeFigures): string {
  return dotPlot({
    title: 'Harmless rollouts that were rolled back',
    unit: 'percent, with 95 % intervals',
    legend: METRICS.map((metrics) => `${metrics} ${metrics === 1 ? 'metric' : 'metrics'}`),
    rows: falseRollbacks.map(({ fleet, rollouts, rolledBack }) => ({
      name: fleet,
      points: rolledBack.map((count, series) => {
        const [lower, upper] = interval(count, rollouts);
        return { series, value: (100 * count) / rollouts, lower: 100 * lower, upper: 100 * upper };
      }),
    })),
    limit: { name: `budget ${BUDGET * 100} %`, value: BUDGET * 100 },
    most: 1.6,
    step: 0.2,
  });
}

export function plotDelays({ delays }: JudgeFigures): string {
  return dotPlot({
    title: 'Time until harm is found, as a multiple of the least possible',
    unit: "times Wald's limit, with 95 % intervals",
    legend: ['the judge', 'a test that knows both rates'],
    rows: delays
      .filter(({ control }) => control === LARGE_CONTROL)
      .map(({ name, times, looks, ours, knowing, limit, error }) => ({
        name: `${name}, ${times} times${looks === 1 ? '' : `, every ${60 / looks} s`}`,
        points: [
          {
            series: 0,
            value: ours / limit,
            lower: (ours - 1.96 * error) / limit,
            upper: (ours + 1.96 * error) / limit,
          },
          { series: 1, value: knowing / limit },
        ],
      })),
    limit: { name: '1.5', value: 1.5 },
    most: 3,
    step: 0.5,
  });
}

export function plotPeers({ comparison }: JudgeFigures): string {
  const fleets = fleetsCompared(comparison);
  return dotPlot({
    title: 'Twice as many failures: minutes until they are found, each judge at its best',
    unit: `mean; best of its settings with at most ${BUDGET * 100} % false rollbacks; none where there is none, or too little is found`,
    legend: FAMILIES.map(({ name }) => name),
    rows: fleets.map((fleet) => ({
      name: fleet,
      points: FAMILIES.flatMap((family, series) => {
        const best = bestSetting(comparison, family.name, fleet, BUDGET);
        if (best === null || best.meanMinute === null || best.found < MOSTLY) return [];
        return [{ series, value: best.meanMinute }];
      }),
    })),
    most: 120,
    step: 20,
  });
}

/** A judge that finds less than this share of harm has no time until it finds it. */
const MOSTLY = 0.9;

/** Untouched targets beside one treated. */
export const LARGE_CONTROL = 99;

/** Wilson's interval, 95 %. */
export function interval(hits: number, of: number): readonly [number, number] {
  const z = 1.96;
  const share = hits / of;
  const centre = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const reach = (z / (1 + (z * z) / of)) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return [Math.max(0, centre - reach), centre + reach];
}

import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { dotPlot } from '../plot.ts';
import type { Tally } from './comparison.ts';
import { type Delay, HARM_CASES } from './detectionDelay.ts';
import { FLEET_KINDS } from './fleets.ts';
import { METRIC_KINDS } from './healthyRollout.ts';
import { BUDGET, type Piece, performAll } from './run.ts';

export interface BenchOptions {
  /** Whole rollouts for each kind of fleet and number of metrics. */
  readonly rollouts: number;
  /** Runs for each case of harm. */
  readonly delays: number;
  /** Stories for each kind of fleet that every judge is shown. */
  readonly stories: number;
  readonly into: string;
  readonly print: (line: string) => void;
}

const METRICS = [1, 4, METRIC_KINDS.length];
const TIMES = [1, 2];
/** So many rollouts are one piece of work. */
const AT_ONCE = 100;

export interface JudgeFigures {
  readonly machine: string;
  readonly falseRollbacks: readonly {
    readonly fleet: string;
    readonly metrics: number;
    readonly rollouts: number;
    readonly rolledBack: number;
  }[];
  readonly delays: readonly (Delay & { readonly case: string; readonly times: number; readonly ratio: number })[];
  readonly comparison: readonly (Tally & { readonly fleet: string; readonly times: number })[];
}

/** Measures how often a harmless rollout is rolled back, how soon harm is found, and the same for the judges that users have today. */
export async function judgeBench({ rollouts, delays, stories, into, print }: BenchOptions): Promise<JudgeFigures> {
  const kinds = FLEET_KINDS.map((_, kind) => kind);
  const healthy = METRICS.flatMap((metrics) =>
    kinds.flatMap((kind) =>
      chunks(rollouts).map((chunk) => ({ do: 'false rollbacks' as const, kind, metrics, ...chunk })),
    ),
  );
  const harmed = HARM_CASES.map((_, index) => ({ do: 'delay' as const, case: index, runs: delays, alpha: BUDGET }));
  const shown = kinds.flatMap((kind) =>
    TIMES.map((times) => ({ do: 'comparison' as const, kind, times, runs: stories })),
  );
  const pieces: readonly Piece[] = [...healthy, ...harmed, ...shown];
  const outcomes = await performAll(pieces, (done, of) => {
    if (done % 20 === 0 || done === of) print(`  ${done} of ${of}`);
  });

  const falseRollbacks = METRICS.flatMap((metrics) =>
    kinds.map((kind) => {
      const rolledBack = healthy.reduce(
        (sum, piece, index) => (piece.kind === kind && piece.metrics === metrics ? sum + Number(outcomes[index]) : sum),
        0,
      );
      return { fleet: FLEET_KINDS[kind]?.name ?? '', metrics, rollouts, rolledBack };
    }),
  );
  const found = HARM_CASES.map(({ name, times }, index) => {
    const delay = outcomes[healthy.length + index] as Delay;
    return { case: name, times, ...delay, ratio: delay.ours / delay.limit };
  });
  const comparison = shown.flatMap(({ kind, times }, index) =>
    (outcomes[healthy.length + harmed.length + index] as readonly Tally[]).map((tally) => ({
      ...tally,
      fleet: FLEET_KINDS[kind]?.name ?? '',
      times,
    })),
  );
  const figures: JudgeFigures = {
    machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
    falseRollbacks,
    delays: found,
    comparison,
  };
  await mkdir(into, { recursive: true });
  await writeFile(join(into, 'judge.json'), `${JSON.stringify(figures, null, 2)}\n`);
  await writeFile(join(into, 'judge.md'), pageOf(figures, { rollouts, delays, stories }));
  await writeFile(join(into, 'false-rollbacks.svg'), plotOfFalse(figures));
  await writeFile(join(into, 'delay.svg'), plotOfDelays(figures));
  return figures;
}

function chunks(rollouts: number): readonly { readonly from: number; readonly runs: number }[] {
  return Array.from({ length: Math.ceil(rollouts / AT_ONCE) }, (_, index) => ({
    from: index * AT_ONCE + 1,
    runs: Math.min(AT_ONCE, rollouts - index * AT_ONCE),
  }));
}

function plotOfFalse({ falseRollbacks }: JudgeFigures): string {
  return dotPlot({
    title: 'Harmless rollouts that were rolled back',
    unit: '%, with the 95 % interval of so many runs',
    limit: { name: `budget ${BUDGET * 100} %`, value: BUDGET * 100 },
    rows: falseRollbacks.map(({ fleet, metrics, rollouts, rolledBack }) => {
      const [lower, upper] = interval(rolledBack, rollouts);
      const name = `${fleet}, ${metrics} ${metrics === 1 ? 'metric' : 'metrics'}`;
      return { name, value: (100 * rolledBack) / rollouts, lower: 100 * lower, upper: 100 * upper };
    }),
  });
}

function plotOfDelays({ delays }: JudgeFigures): string {
  return dotPlot({
    title: 'Minutes until harm is found, as a multiple of the least possible',
    unit: "times Wald's limit",
    limit: { name: '1.5', value: 1.5 },
    rows: delays.map(({ case: name, times, ratio }) => ({ name: `${name}, ${times} times`, value: ratio })),
  });
}

/** Wilson's interval, 95 %. */
function interval(hits: number, of: number): readonly [number, number] {
  const z = 1.96;
  const share = hits / of;
  const centre = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const reach = (z / (1 + (z * z) / of)) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return [Math.max(0, centre - reach), centre + reach];
}

function pageOf(
  { machine, falseRollbacks, delays, comparison }: JudgeFigures,
  runs: Pick<BenchOptions, 'rollouts' | 'delays' | 'stories'>,
): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const table = (heading: readonly string[], rows: readonly (readonly string[])[]) =>
    [heading, heading.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
  return `# Judge: measured

Written by \`npm run bench -- judge\` on ${machine}.

## Harmless rollouts that were rolled back

${runs.rollouts} whole rollouts each (30 targets, 12 hours of past, two stages of an hour, looked at every minute); the budget is ${BUDGET * 100} %.

![Harmless rollouts that were rolled back](false-rollbacks.svg)

${table(
  ['fleet', ...METRICS.map((metrics) => `${metrics} ${metrics === 1 ? 'metric' : 'metrics'}`), 'what it is'],
  FLEET_KINDS.map(({ name, says }) => [
    name,
    ...METRICS.map((metrics) => {
      const row = falseRollbacks.find((one) => one.fleet === name && one.metrics === metrics);
      return row === undefined ? '' : percent(row.rolledBack / row.rollouts);
    }),
    says,
  ]),
)}

## Minutes until harm is found

One treated target beside 99 untouched ones, two days of past, a false-alarm probability of ${BUDGET}, ${runs.delays} runs each. The limit is Wald's: log(1/α) divided by the
divergence of harm from no harm; no test with that false-alarm probability needs less on average. *Knowing both rates* is the test that reaches it,
measured in the same runs, with what whole minutes and whole events cost. The judge knows neither rate, nor how noisy the fleet is.

![Minutes until harm is found](delay.svg)

${table(
  ['events', 'harm', 'limit', 'knowing both rates', 'the judge', 'times the limit', 'times the knowing test'],
  delays.map(({ case: name, times, limit, knowing, ours, ratio }) => [
    name,
    `${times} times`,
    limit.toFixed(1),
    knowing.toFixed(1),
    ours.toFixed(1),
    ratio.toFixed(2),
    (ours / knowing).toFixed(2),
  ]),
)}

## The judges that users have today, on the same stories

${runs.stories} stories each of failed requests (0.5 % of 200 a minute and target), without harm and with twice as many failures on treated targets. Each peer as it comes, and with
settings that suit these data better: a fixed threshold only works for who knows the usual level beforehand.

${TIMES.map(
  (
    times,
  ) => `### ${times === 1 ? 'Without harm: share rolled back' : `${times} times as many failures: share found, and after how many minutes`}

${table(
  ['judge', ...FLEET_KINDS.map(({ name }) => name)],
  [...new Set(comparison.map(({ judge }) => judge))].map((judge) => [
    judge,
    ...FLEET_KINDS.map(({ name }) => {
      const row = comparison.find((one) => one.judge === judge && one.fleet === name && one.times === times);
      if (row === undefined) return '';
      const share = `${(100 * row.rolledBack).toFixed(1)} %`;
      return times === 1 || row.meanMinute === null ? share : `${share}, ${row.meanMinute.toFixed(0)}`;
    }),
  ]),
)}`,
).join('\n\n')}
`;
}

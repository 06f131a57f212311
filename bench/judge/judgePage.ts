import { bestSetting, fleetsCompared, type Performance, performanceOf, whereBeaten } from './bestSettings.ts';
import { FAMILIES } from './comparison.ts';
import { METRICS } from './falseRollbacks.ts';
import type { JudgeFigures } from './judgeFigures.ts';
import { interval, LARGE_CONTROL } from './judgePlots.ts';
import { BUDGET } from './run.ts';

/** The page for people, with everything that is needed to measure it again. `plot` says where a picture is, seen from the page. */
export function judgePage(figures: JudgeFigures, plot: (name: string) => string): string {
  const { machine, falseRollbacks, runs } = figures;
  const fewest = Math.min(runs.rollouts, ...falseRollbacks.map(({ rollouts }) => rollouts));
  return `# Benchmark: the judge

How often the judge of health rolls back what is harmless, how soon it finds harm, how other judges do on the same data, and what it costs.
Written by the command that measured it, which draws everything from fixed seeds:

    npm run bench -- judge --docs

Machine: ${machine}. Only the cost depends on it. A measurement that was stopped goes on where it was; with \`--kept\` nothing is measured, and the page is that of what is there.

${inShort(figures)}

${harmless(figures, plot)}

${delays(figures, plot)}

${peers(figures, plot)}

${cost(figures)}

## What was not measured

- All data here are simulated, from known laws. Real fleets are rougher in ways that nobody has thought of; a future rougher than the past is judged too harshly. \`ringfence judge\` shows what the judge says about your own.
- ${fewest.toLocaleString('en')} rollouts of a kind tell little below ${number(100 * interval(0, fewest)[1])} %: so much may be the share of which none was seen. The intervals say it for each.
- Rollouts where no untouched target is left are not in the first table.
- Delays are those of harm that is there from the first minute and stays. Harm that begins with the second stage costs up to log(20) = 3 nats more, with the third log(60): each stage looks for it afresh with a part of the weight.
- Each peer's judge is re-stated from its published rules and held against its published figures; the products around them (queries, retries, dashboards) are not.
`;
}

const FINE = 15;

function inShort({ falseRollbacks, delays, comparison, costs }: JudgeFigures): string {
  const [worst = { count: 0, rollouts: 1 }] = falseRollbacks
    .flatMap(({ rollouts, rolledBack }) => rolledBack.map((count) => ({ count, rollouts })))
    .sort((a, b) => b.count / b.rollouts - a.count / a.rollouts);
  const [lower, upper] = interval(worst.count, worst.rollouts);
  const large = delays.filter(({ control }) => control === LARGE_CONTROL);
  const [fine, coarse] = [large.filter(isFine), large.filter((one) => !isFine(one))].map((some) =>
    some.map(({ ours, limit }) => ours / limit),
  );
  const beaten = whereBeaten(comparison, fleetsCompared(comparison), BUDGET);
  const fastest = Math.max(0, ...costs.map(({ judged }) => judged));
  return `## In short

- Of harmless rollouts, on the worst of ${falseRollbacks.length} kinds of fleet and with the worst number of metrics, ${percent(worst.count / worst.rollouts)} of ${worst.rollouts.toLocaleString('en')} were rolled back (95 % interval ${number(100 * lower)}–${number(100 * upper)} %); the budget is ${BUDGET * 100} %.
- Harm beside a large control arm is found after ${span(fine ?? [])} times the least time that is possible, where that is ${FINE} looks or more; after ${span(coarse ?? [])} times where it is fewer.
- Other judges, each with its best setting for each kind of fleet, chosen by who knows the truth, beat it in ${beaten.length} of ${fleetsCompared(comparison).length * (FAMILIES.length - 1)} comparisons; they are listed.
- One core judges ${(fastest / 1e6).toPrecision(2)} million series a second.`;
}

/** Whether even the least that is possible takes so many looks that it is not they that take the time. */
function isFine({ limit, looks }: JudgeFigures['delays'][number]): boolean {
  return limit * looks >= FINE;
}

function harmless({ falseRollbacks, runs }: JudgeFigures, plot: (name: string) => string): string {
  const fewest = Math.min(runs.rollouts, ...falseRollbacks.map(({ rollouts }) => rollouts));
  const short =
    fewest < runs.rollouts
      ? ` (${runs.rollouts.toLocaleString('en')} where the measurement is not stopped before)`
      : '';
  return `## Harmless rollouts that were rolled back

${fewest.toLocaleString('en')} whole rollouts of each kind${short}: 30 targets with 12 hours of past, then a stage of an hour on 2 of them and another on 10, looked at every minute; the last rows are of other shapes, as they
say. Ten metrics are shares of failures, event rates from 0.02 to 20 a minute, latencies and traffic; the first one and the first four of them are judged on budgets of their own. The budget is ${BUDGET * 100} % for a whole rollout.
In brackets the 95 % interval.

![Harmless rollouts that were rolled back](${plot('false-rollbacks')})

${table(
  [
    'fleet',
    'rollouts',
    ...METRICS.map((metrics) => `${metrics} ${metrics === 1 ? 'metric' : 'metrics'}`),
    'what it is',
  ],
  falseRollbacks.map(({ fleet, says, rollouts, rolledBack }) => [
    fleet,
    rollouts.toLocaleString('en'),
    ...rolledBack.map((count) => {
      const [lower, upper] = interval(count, rollouts);
      return `${percent(count / rollouts)} (${number(100 * lower)}–${number(100 * upper)})`;
    }),
    says,
  ]),
)}`;
}

function delays({ delays, otherDelays, runs }: JudgeFigures, plot: (name: string) => string): string {
  const large = delays.filter(({ control }) => control === LARGE_CONTROL);
  const over = large.filter(({ ours, limit }) => ours / limit > 1.5);
  const said = over.map(
    ({ name, times, looks }) =>
      `${name} ${times} times, looked at ${looks === 1 ? 'every minute' : `every ${60 / looks} s`}`,
  );
  const row = ({ name, times, looks, limit, knowing, ours, error }: (typeof delays)[number]) => [
    name,
    `${times} times`,
    looks === 1 ? 'every minute' : `every ${60 / looks} s`,
    minutes(limit),
    minutes(knowing),
    `${minutes(ours)} ± ${minutes(1.96 * error)}`,
    (ours / limit).toFixed(2),
    (ours / knowing).toFixed(2),
  ];
  const heading = ['events', 'harm', 'looked at', 'limit', 'knowing both rates', 'the judge', 'times the limit'];
  return `## Minutes until harm is found

One treated target beside ${LARGE_CONTROL} untouched ones, harm from the first minute on, a false-alarm probability of ${BUDGET * 100} %, ${runs.delays} runs each over 20 simulated pasts, from which the judge reads how noisy the
fleet is. The limit is Wald's: log(1/α) divided by the divergence of harm from no harm; no test with that false-alarm probability needs less on average. _Knowing both rates_ is the test that comes
nearest to it, on the same data: it pays for whole events and whole looks alone. The judge knows neither rate.

![Time until harm is found](${plot('delay')})

${table([...heading, 'times the knowing test'], large.map(row))}

${
  over.length === 0
    ? 'All are at most 1.5 times the limit.'
    : `Above 1.5 times the limit: ${said.join('; ')}. There the limit is a few looks, or the few events that it takes to reach it: the test that knows everything is above the limit as well.`
}
What the rest is spent on: about a quarter for not knowing how bad the harm is (a mixture over five ratios), a few percent for the untouched arm's own uncertainty and for later beginnings, nothing for noise where there
is none.

### With few untouched targets

The usual rate must then be learned from few. _Limit beside them_ is the least for a test that does not know it.

${table(
  ['events', 'harm', 'untouched targets', 'limit', 'limit beside them', 'the judge', 'times the limit beside them'],
  delays
    .filter(({ control }) => control !== LARGE_CONTROL)
    .map(({ name, times, control, limit, limitBeside, ours, error }) => [
      name,
      `${times} times`,
      String(control),
      minutes(limit),
      minutes(limitBeside),
      `${minutes(ours)} ± ${minutes(1.96 * error)}`,
      (ours / limitBeside).toFixed(2),
    ]),
)}

### Other kinds of check

One treated target beside 30 untouched ones with 12 hours of past, judged as in a rollout, ${runs.otherDelays} runs each. The limit is that of a test which knows both distributions.

${table(
  ['what', 'harm', 'limit', 'the judge', 'times the limit'],
  otherDelays.map(({ name, harm, limit, ours, error }) => [
    name,
    harm,
    minutes(limit),
    `${minutes(ours)} ± ${minutes(1.96 * error)}`,
    (ours / limit).toFixed(2),
  ]),
)}

Means are the slowest: how far they stray is read from the past with a margin for what is not known about it, and their effect may be anything from 1 % to threefold.`;
}

function peers({ comparison, runs }: JudgeFigures, plot: (name: string) => string): string {
  const fleets = fleetsCompared(comparison);
  const asTheyCome = FAMILIES.flatMap(({ name, settings, usual }) =>
    usual.map((place) => ({ family: name, setting: settings[place] ?? '' })),
  );
  const cell = ({ falsely, found, meanMinute }: Performance) =>
    `${percent(falsely)}; ${percent(found)}${meanMinute === null ? '' : ` after ${meanMinute.toFixed(0)}`}`;
  const beaten = whereBeaten(comparison, fleets, BUDGET);
  return `## The judges that users have today, on the same stories

${runs.stories} stories each of failed requests (0.5 % of 200 a minute and target), without harm and with twice as many failures on the treated targets: 30 targets, two stages of an hour, 2 and then 10 treated. _Fixed threshold_ is the
rule of Argo Rollouts and Flagger: it looks at treated targets alone, and its threshold has to be known beforehand; here it is set by the true usual share. _Mann-Whitney_ is Kayenta's judge on the minutes of each stage so far.
_Asymptotic sequence_ is GrowthBook's sequential test.

Each cell: rolled back without harm; found with harm, and after how many minutes on average.

### As they come

${table(
  ['judge', ...fleets],
  asTheyCome.map(({ family, setting }) => [
    `${family}, ${setting}`,
    ...fleets.map((fleet) => cell(performanceOf(comparison, family, setting, fleet))),
  ]),
)}

### At their best

For each kind of fleet the setting that finds most harm among those that roll back at most ${BUDGET * 100} % of what is harmless, of ${FAMILIES.slice(
    1,
  )
    .map(({ name, settings }) => `${settings.length} of ${name}`)
    .join(', ')}: chosen with hindsight, by who knows the truth. Ringfence has one setting everywhere.

![Minutes until harm is found by each judge at its best](${plot('peers')})

${table(
  ['fleet', ...FAMILIES.map(({ name }) => name)],
  fleets.map((fleet) => [
    fleet,
    ...FAMILIES.map(({ name }) => {
      const best = bestSetting(comparison, name, fleet, BUDGET);
      return best === null ? 'none is so good' : `${cell(best)} (${best.setting})`;
    }),
  ]),
)}

### Where they beat us

${beaten.length === 0 ? 'Nowhere here: none finds clearly more, or as much clearly sooner, with any setting that keeps to the budget.' : beaten.map((line) => `- ${line}`).join('\n')}`;
}

function cost({ costs }: JudgeFigures): string {
  const million = (perSecond: number) => (perSecond / 1e6).toPrecision(2);
  return `## Cost

A series is one metric of one target. Million series a second on one core, one window of each; four checks, a tenth of the targets treated. Beside it, on the same windows in the same run, parsing them from JSON and merely adding them up.

${table(
  ['targets', 'judged', 'only learned', 'parsed', 'added up', 'judged, of parsed'],
  costs.map(({ targets, judged, learned, parsed, added }) => [
    targets.toLocaleString('en'),
    million(judged),
    million(learned),
    million(parsed),
    million(added),
    (judged / parsed).toFixed(2),
  ]),
)}`;
}

function span(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heading, heading.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function percent(share: number): string {
  return `${number(100 * share)} %`;
}

function number(value: number): string {
  return value === 0 || value === 100 ? value.toFixed(0) : value < 10 ? value.toFixed(2) : value.toFixed(1);
}

function minutes(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

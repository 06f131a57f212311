import { formatDuration } from '../../../../core/kernel/instant.ts';
import { getJudgedRollout, type JudgedRolloutBody } from '../../../../wire/http/judge.ts';
import { type Fact, facts } from '../../present/facts.ts';
import { count } from '../../present/words.ts';
import { type StyledLine, segment } from '../../terminal/styledLine.ts';
import { type Cell, table } from '../../terminal/table.ts';
import type { Run } from '../../tree/runner.ts';
import { withNearRollouts } from './nearRollouts.ts';

type Series = JudgedRolloutBody['series'][number];

/** How many of a series' newest points are shown. */
const SHOWN = 12;

/** How each check went lately, and how well the judge knows the fleet's noise. */
export const judgeRollout: Run<object, [rollout: string]> = async (context, _, id) => {
  const client = await context.client();
  const judged = await withNearRollouts(client, () => client.call(getJudgedRollout, { params: { id } }), id);
  const { output } = context;
  output.document(judged);
  if (judged.series.length === 0) output.say(`${judged.rollout}: nothing was judged yet`);
  for (const series of judged.series) output.lines([...lines(series, judged.windowMs, output.width), []]);
  return 'done';
};

function lines({ check, role, points, calibration }: Series, windowMs: number, width: number): StyledLine[] {
  const newest = points.slice(-SHOWN);
  const rows = newest.map(({ at, outcome, treated, untouched, harm, noHarm, spent }): Cell[] => [
    at.slice(11, 19),
    outcome,
    figure(treated),
    figure(untouched),
    figure(harm),
    figure(noHarm),
    `${figure(100 * Math.min(1, spent))} %`,
  ]);
  const titles = ['until', 'verdict', 'treated', 'untouched', 'harm', 'none', 'budget'];
  const title = [segment(check, 'strong'), segment(` on ${role}, every ${formatDuration(windowMs)}, evidence in nats`)];
  const known: Fact[] = [['calibration', sayCalibration(calibration)]];
  return [
    title,
    ...table(
      titles.map((each) => ({ title: each })),
      rows,
      width,
    ),
    ...facts(known, width),
  ];
}

function sayCalibration(calibration: Series['calibration']): string {
  if (calibration === null) return 'it is not asked any more';
  const { blocks, length, reached } = calibration;
  if (blocks === 0) return 'there is too little past to say';
  const said = reached
    .filter(({ allowed }) => allowed >= 0.1)
    .map(({ times, found, allowed }) => `${times} to one in ${found} (by chance ${figure(allowed)} at the most)`);
  return `in ${count(blocks, 'piece')} of the past of ${count(length, 'window')} each, in which nothing was changed, harm would have seemed likely ${said.join(', ')}`;
}

function figure(value: number | null): string {
  return value === null ? '' : String(Number(value.toPrecision(3)));
}

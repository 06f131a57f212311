import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import type { RolloutViewBody } from '../../src/wire/http/rollout.ts';
import type { VerdictBody } from '../../src/wire/http/verdict.ts';
import { useConsole } from '../console.ts';
import { type Series, useSeriesVersion } from '../live/verdictSeries.ts';
import { useZone } from '../shell/clock.ts';
import { plotOptions } from './plotOptions.ts';

interface CheckPlotProps {
  readonly view: RolloutViewBody;
  readonly verdict: VerdictBody;
}

/** The confidence sequence of a check over time, against its margin. The sentence above it says the same, so it is hidden from screen readers. */
export function CheckPlot({ view: { rollout }, verdict }: CheckPlotProps) {
  const { series } = useConsole();
  useSeriesVersion(series);
  const zone = useZone();
  const { check, role, margin, unit } = verdict;
  const watched = series.of(rollout.id, rollout.stage, role, check) ?? onePoint(rollout, verdict);
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const isDrawn = watched !== null && watched.at.length > 0;
  useEffect(() => {
    const element = place.current;
    if (element === null || !isDrawn) return;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(plotOptions(element, { margin, unit }, zone), [[], [], [], []], element);
    };
    draw();
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const resize = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    scheme.addEventListener('change', draw);
    resize.observe(element);
    return () => {
      scheme.removeEventListener('change', draw);
      resize.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [isDrawn, margin, unit, zone]);
  useEffect(() => {
    if (watched !== null) plot.current?.setData(dataOf(watched));
  });
  if (!isDrawn) return null;
  return <div className="plot" ref={place} aria-hidden="true" />;
}

/** A single moment is drawn as the second before it. */
function dataOf(series: Series): uPlot.AlignedData {
  const { at, lower, estimate, upper } = series;
  const [only = 0] = at;
  if (at.length === 1)
    return [
      [only / 1000 - 1, only / 1000],
      [...upper, ...upper],
      [...lower, ...lower],
      [...estimate, ...estimate],
    ];
  return [at.map((ms) => ms / 1000), upper, lower, estimate];
}

/** Of a rollout that was over before anybody watched it: where it ended. */
function onePoint(
  { endedAt, sinceAt }: RolloutViewBody['rollout'],
  { estimate, lower, upper }: VerdictBody,
): Series | null {
  if (estimate === null || lower === null || upper === null) return null;
  const to = Date.parse(endedAt ?? sinceAt);
  return { at: [to - 1000, to], estimate: [estimate, estimate], lower: [lower, lower], upper: [upper, upper] };
}

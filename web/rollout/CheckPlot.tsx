import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { useZone } from '../shell/clock.ts';
import { plotOptions } from './plotOptions.ts';
import type { JudgedSeries } from './useJudged.ts';

interface CheckPlotProps {
  readonly series: JudgedSeries;
  /** Names of the rollout's stages. */
  readonly stages: readonly string[];
}

/** The confidence sequence of a check over time, against its margin. The sentence beside it says where it stands, so it is hidden from screen readers. */
export function CheckPlot({ series, stages }: CheckPlotProps) {
  const zone = useZone();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shown = useRef(series);
  shown.current = series;
  const names = stages.join('\n');
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = () => {
      plot.current?.destroy();
      const options = plotOptions(element, { series: () => shown.current, stages: names.split('\n'), zone });
      plot.current = new uPlot(options, dataOf(shown.current), element);
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
  }, [names, zone]);
  useEffect(() => plot.current?.setData(dataOf(series)), [series]);
  return <div className="plot" ref={place} aria-hidden="true" />;
}

/** A single window is drawn as the second that ends it. */
function dataOf({ points }: JudgedSeries): uPlot.AlignedData {
  const [first] = points;
  const all =
    points.length === 1 && first !== undefined
      ? [{ ...first, at: new Date(Date.parse(first.at) - 1000).toISOString() }, first]
      : points;
  return [
    all.map(({ at }) => Date.parse(at) / 1000),
    all.map(({ upper }) => upper),
    all.map(({ lower }) => lower),
    all.map(({ estimate }) => estimate),
    all.map(({ margin }) => margin),
  ];
}

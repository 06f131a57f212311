import uPlot from 'uplot';
import type { VerdictBody } from '../../src/wire/http/verdict.ts';
import type { Zone } from '../words.ts';
import { formatFigure } from './formatFigure.ts';

/** How a confidence sequence is drawn: a band from the lower to the upper bound, the estimate in it, the margin and no difference as lines. */
export function plotOptions(
  place: HTMLElement,
  { margin, unit }: Pick<VerdictBody, 'margin' | 'unit'>,
  zone: Zone,
): uPlot.Options {
  const style = getComputedStyle(place);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const font = `12px ${style.fontFamily}`;
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    font,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1, size: 4 },
  };
  return {
    width: place.clientWidth,
    height: place.clientHeight,
    legend: { show: false },
    cursor: { show: false },
    tzDate: (seconds) =>
      zone === 'UTC' ? uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') : new Date(seconds * 1000),
    scales: { y: { range: (plot, low, high) => rangeAround(low, high, margin, plot.data[3]?.at(-1) ?? 0) } },
    axes: [
      { ...axis, space: 70, values: (_, at) => at.map((seconds) => clockOf(seconds, zone)) },
      { ...axis, size: unit === 'rate' ? 96 : 64, values: (_, at) => at.map((value) => formatFigure(value, unit)) },
    ],
    series: [
      {},
      { stroke: colour('--band-line'), width: 1, points: { show: false } },
      { stroke: colour('--band-line'), width: 1, points: { show: false } },
      { stroke: colour('--ink'), width: 2, points: { show: false } },
    ],
    bands: [{ series: [1, 2], fill: colour('--band') }],
    hooks: {
      draw: [
        (plot) => {
          line(plot, 0, colour('--muted'), [], 'no difference', font);
          line(plot, margin, colour('--bad'), [6, 4], 'margin', font);
        },
      ],
    },
  };
}

/** Always shows the margin, no difference and the newest estimate, and as much of the bounds as leaves those legible. */
function rangeAround(low: number | null, high: number | null, margin: number, estimate: number): uPlot.Range.MinMax {
  const bound = Math.max(6 * margin, 1.5 * Math.abs(estimate));
  const top = Math.max(1.5 * margin, Math.min(high ?? 0, bound));
  const bottom = Math.min(-0.75 * margin, Math.max(low ?? 0, -bound));
  return [bottom, top];
}

function clockOf(seconds: number, zone: Zone): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', zone === 'UTC' ? { timeZone: 'UTC' } : {});
}

function line(plot: uPlot, value: number, stroke: string, dash: number[], says: string, font: string): void {
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(value, 'y', true));
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.fillStyle = stroke;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash(dash.map((one) => one * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = font.replace('12px', `${11 * devicePixelRatio}px`);
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  ctx.fillText(says, bbox.left + bbox.width - 4 * devicePixelRatio, y - 2 * devicePixelRatio);
  ctx.restore();
}

import uPlot from 'uplot';
import type { Zone } from '../words.ts';
import { formatFigure } from './formatFigure.ts';
import type { JudgedSeries } from './useJudged.ts';

interface Drawn {
  /** As it is now. */
  readonly series: () => JudgedSeries;
  readonly stages: readonly string[];
  readonly zone: Zone;
}

/** How a confidence sequence is drawn: a band from the lower to the upper bound, the estimate in it, its margin, no difference, and where each stage began. */
export function plotOptions(place: HTMLElement, { series, stages, zone }: Drawn): uPlot.Options {
  const style = getComputedStyle(place);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const { unit } = series();
  const pencil: Pencil = { font: style.fontFamily, ink: colour('--muted') };
  const axis: uPlot.Axis = {
    stroke: colour('--muted'),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1, size: 4 },
  };
  const bound = { stroke: colour('--band-line'), width: 1, points: { show: false } };
  return {
    width: place.clientWidth,
    height: place.clientHeight,
    padding: [14, 8, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    tzDate: (seconds) =>
      zone === 'UTC' ? uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') : new Date(seconds * 1000),
    scales: { y: { range: (plot, low, high) => rangeOf(plot.data, low, high) } },
    axes: [
      { ...axis, size: 32, space: 80, values: (_, at) => at.map((seconds) => clockOf(seconds, zone)) },
      { ...axis, size: unit === 'rate' ? 96 : 64, values: (_, at) => at.map((value) => formatFigure(value, unit)) },
    ],
    series: [
      {},
      bound,
      bound,
      { stroke: colour('--ink'), width: 2, points: { show: false } },
      { stroke: colour('--bad'), width: 1.5, dash: [6, 4], points: { show: false } },
    ],
    bands: [{ series: [1, 2], fill: colour('--band') }],
    hooks: {
      draw: [
        (plot) => {
          drawLevel(plot, 0, 'no difference', pencil);
          const margin = plot.data[4]?.at(-1);
          if (typeof margin === 'number')
            say(plot, 'margin', plot.bbox.left + plot.bbox.width, plot.valToPos(margin, 'y', true), {
              ...pencil,
              ink: colour('--bad'),
            });
          const starts = stageStarts(series());
          for (const [index, { at, stage }] of starts.entries()) {
            drawStage(plot, at, starts[index + 1]?.at ?? null, stages[stage] ?? '', pencil);
          }
        },
      ],
    },
  };
}

interface Pencil {
  readonly font: string;
  readonly ink: string;
}

/** Always shows the margin, no difference and the newest estimate, and as much of the bounds as leaves those legible. */
function rangeOf(data: uPlot.AlignedData, low: number | null, high: number | null): uPlot.Range.MinMax {
  const [margin, estimate] = [Math.abs(data[4]?.at(-1) ?? 0) || 1e-9, Math.abs(data[3]?.at(-1) ?? 0)];
  const most = Math.max(4 * margin, 1.5 * estimate);
  return [Math.min(-0.75 * margin, Math.max(low ?? 0, -most)), Math.max(1.5 * margin, Math.min(high ?? 0, most))];
}

function stageStarts({ points }: JudgedSeries): readonly { readonly at: number; readonly stage: number }[] {
  return points.flatMap(({ at, stage }, index) =>
    stage === points[index - 1]?.stage ? [] : [{ at: Date.parse(at) / 1000, stage }],
  );
}

function clockOf(seconds: number, zone: Zone): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', zone === 'UTC' ? { timeZone: 'UTC' } : {});
}

function drawLevel(plot: uPlot, value: number, says: string, pencil: Pencil): void {
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(value, 'y', true));
  stroke(ctx, pencil.ink, [], () => {
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
  });
  say(plot, says, bbox.left + bbox.width, y, pencil);
}

/** Named where there is room before the next. */
function drawStage(plot: uPlot, at: number, next: number | null, name: string, pencil: Pencil): void {
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(at, 'x', true));
  stroke(ctx, pencil.ink, [3, 3], () => {
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
  });
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px ${pencil.font}`;
  ctx.fillStyle = pencil.ink;
  ctx.textAlign = 'left';
  const room = (next === null ? bbox.left + bbox.width : plot.valToPos(next, 'x', true)) - x;
  const gap = 4 * devicePixelRatio;
  if (ctx.measureText(name).width + 2 * gap < room) ctx.fillText(name, x + gap, bbox.top - 3 * devicePixelRatio);
  ctx.restore();
}

function stroke(ctx: CanvasRenderingContext2D, ink: string, dash: readonly number[], path: () => void): void {
  ctx.save();
  ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
  ctx.strokeStyle = ink;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  path();
  ctx.stroke();
  ctx.restore();
}

/** A word above a line, at its right end. */
function say({ ctx }: uPlot, says: string, right: number, y: number, { font, ink }: Pencil): void {
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px ${font}`;
  ctx.fillStyle = ink;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  ctx.fillText(says, right - 4 * devicePixelRatio, y - 2 * devicePixelRatio);
  ctx.restore();
}

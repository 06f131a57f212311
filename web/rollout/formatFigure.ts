import type { VerdictBody } from '../../src/wire/http/verdict.ts';

/** `0.0123` as `1.23 %`, `4.5 a minute` or the metric's own figure: three digits are enough to judge by. */
export function formatFigure(figure: number, unit: VerdictBody['unit']): string {
  const rounded = (value: number) => Number(value.toPrecision(3)).toLocaleString('en-GB', { maximumFractionDigits: 6 });
  if (unit === 'share') return `${rounded(figure * 100)} %`;
  return unit === 'rate' ? `${rounded(figure)} a minute` : rounded(figure);
}

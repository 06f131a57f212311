/** `5210` to `5,210`. Fractions are cut to one digit. */
export function formatCount(count: number): string {
  const [whole = '0', fraction] = String(Number.isInteger(count) ? count : Math.round(count * 10) / 10).split('.');
  const grouped = whole.includes('e') ? whole : whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `0.0789` to `7.9 %`. Never says 0 % or 100 % of something that is not. */
export function formatShare(part: number, whole: number): string {
  const percent = (part / whole) * 100;
  if (percent < 10) return `${Number(percent.toPrecision(2))} %`;
  const rounded = Math.round(percent * 10) / 10;
  return `${part < whole ? Math.min(rounded, 99.9) : rounded} %`;
}

/** A difference of two shares in percentage points, three digits, rounded so that a bound never claims more than is known. */
export function formatPoints(difference: number, round: 'down' | 'up' | 'nearest'): string {
  const points = difference * 100;
  if (Math.abs(points) < 1e-9) return '0';
  const scale = 10 ** (2 - Math.floor(Math.log10(Math.abs(points))));
  // The tolerance keeps 0.02 × 100 = 2.0000000000000004 from being rounded up.
  const scaled = points * scale;
  const near = Math.round(scaled);
  const whole =
    round === 'nearest' || Math.abs(scaled - near) < 1e-9 * Math.abs(scaled)
      ? near
      : round === 'down'
        ? Math.floor(scaled)
        : Math.ceil(scaled);
  return String(Number((whole / scale).toPrecision(3)));
}

/** `5210` to `5,210`. Fractions are cut to one digit. */
export function formatCount(count: number): string {
  const [whole = '0', fraction] = String(Number.isInteger(count) ? count : Math.round(count * 10) / 10).split('.');
  const grouped = whole.includes('e') ? whole : whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `4 %`, `0.4 %`, `< 0.1 %` of a share in [0, 1]: never nothing for what is something, never all for what is not. */
export function percent(share: number): string {
  if (share <= 0) return '0 %';
  if (share < 0.001) return '< 0.1 %';
  if (share < 0.0995) return `${Number((share * 100).toFixed(1))} %`;
  if (share < 0.995) return `${Math.round(share * 100)} %`;
  return share < 1 ? '> 99 %' : '100 %';
}

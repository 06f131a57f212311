/**
 * The least x from which on `rejected` holds, found by doubling and halving about `scale`, above 0: a bound of a confidence sequence.
 * Infinity when it never does.
 */
export function leastRejected(rejected: (x: number) => boolean, scale: number): number {
  let reach = scale;
  let low = -scale * 2 ** 20;
  for (let step = 0; step < 40 && !rejected(reach); step++) {
    low = reach;
    reach *= 2;
  }
  if (!rejected(reach)) return Number.POSITIVE_INFINITY;
  if (low < 0) {
    let down = -scale;
    while (rejected(down) && down > low) {
      reach = down;
      down *= 2;
    }
    low = down;
  }
  for (let step = 0; step < 30; step++) {
    const middle = (low + reach) / 2;
    if (rejected(middle)) reach = middle;
    else low = middle;
  }
  return reach;
}

/**
 * The price of one event on either arm: the heart of the comparison of two rates.
 *
 * Let A be the events of the treated arm in a window, B those of the untouched arm in the same window, and let the untouched
 * arm's mean be μ, whatever it is: it may follow the hour, and be another one in every window. Under the hypothesis "treated is
 * at most `tolerance` times untouched, plus `margin` an exposure" the treated mean is at most tolerance·q·μ + margin·X, with q the
 * ratio of what both arms were expected to count and X the treated arm's exposure. If log E exp(tA) ≤ E[A]·h(t) for all t, then with
 * any t and the u for which h(−u) = −tolerance·q·h(t),
 *
 *     E exp(tA − uB − margin·X·h(t)) ≤ 1.
 *
 * Products over windows are therefore test supermartingales, whatever μ did: a day's course, a burst that hits both arms and a
 * load test cancel. t > 0 gathers evidence of harm, t < 0 evidence that there is none (the hypothesis turned round).
 *
 * h is e^t − 1 for counts that are Poisson given the past. Real counts come in clusters; their variance is `dispersion` times
 * their mean, and the negative binomial's h bounds them (its tail is that of geometric clusters). For shares of a known number of trials
 * log(1 + p(e^t − 1)), concave in p, lies below its tangent at any p chosen beforehand: the same with a constant, and much sharper
 * where shares are not small.
 * (Howard, Ramdas, McAuliffe, Sekhon: Time-uniform Chernoff bounds via nonnegative supermartingales, 2020.)
 */
export interface Tilt {
  /** Nats an event on the treated arm is worth. */
  readonly treated: number;
  /** Nats an event on the untouched arm takes away. */
  readonly untouched: number;
  /** Nats that go with each unit of exposure, for the margin and the tangents. */
  readonly treatedExposure: number;
  readonly untouchedExposure: number;
}

/** What is tested: treated ≤ tolerance × untouched + margin, the margin in events for each unit of exposure. */
export interface Boundary {
  readonly tolerance: number;
  readonly margin: number;
}

/** What is known of a window before it is looked at. */
export interface Setting {
  /** What the treated arm is expected to count for each event of the untouched one, if nothing has changed. Above 0. */
  readonly ratio: number;
  /** Variance of counts over their mean; 1 for Poisson, never less. */
  readonly dispersion: number;
  /** The share of failures expected on untouched targets, where events are failures among a known number of trials; else `null`. */
  readonly share: number | null;
}

/** Dispersion so near to 1 is Poisson's. Below it the general formula loses its digits. */
const POISSON = 1.000001;
/** The tangent is only drawn where shares are so large that it gains something over Poisson. */
const NOTABLE_SHARE = 0.02;

/** The tilt that gathers evidence fastest when treated is `alternative` times what the boundary allows: above 1 harm, below 1 none. */
export function tiltOf(alternative: number, { tolerance, margin }: Boundary, setting: Setting): Tilt {
  const { ratio, dispersion, share } = setting;
  const scaled = tolerance * ratio;
  // How much of what happens on both arms together is expected on the treated one; a small untouched arm is a noisy yardstick.
  const portion = scaled / (1 + scaled);
  const felt = alternative / (1 + portion * (alternative - 1));
  if (share !== null && share > NOTABLE_SHARE && dispersion < POISSON) {
    const tilt = tiltOfShares(felt, share, scaled, { tolerance, margin });
    if (tilt !== null) return tilt;
  }
  const over = dispersion - 1;
  const treated = Math.log((felt * dispersion) / (1 + felt * over));
  const growth = dispersion < POISSON ? Math.expm1(treated) : Math.log((1 + felt * over) / dispersion) / over;
  const debit = scaled * growth;
  const untouched = dispersion < POISSON ? -Math.log1p(-debit) : -Math.log1p(-Math.expm1(debit * over) / over);
  return { treated, untouched, treatedExposure: margin * growth, untouchedExposure: 0 };
}

/** `null` where the untouched arm is too small for a tangent. */
function tiltOfShares(felt: number, share: number, scaled: number, { tolerance, margin }: Boundary): Tilt | null {
  const allowed = Math.min(0.999, tolerance * share + margin);
  const harmed = Math.min(0.9999, allowed * felt);
  const growth = (harmed * (1 - allowed)) / (allowed * (1 - harmed)) - 1;
  const slope = growth / (1 + allowed * growth);
  const debit = scaled * slope;
  const fall = debit / (1 + share * debit);
  if (!(fall < 1)) return null;
  return {
    treated: Math.log1p(growth),
    untouched: -Math.log1p(-fall),
    treatedExposure: Math.log1p(allowed * growth) - slope * allowed + margin * slope,
    untouchedExposure: Math.log1p(-share * fall) + (fall * share) / (1 - share * fall),
  };
}

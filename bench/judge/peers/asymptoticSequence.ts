/** What one arm has measured: how many, their sum, and the sum of their squares. */
export interface Moments {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

export interface Sequence {
  readonly estimate: number;
  /** Standard error of the estimate. */
  readonly error: number;
  readonly lower: number;
  readonly upper: number;
  /** Always valid: at which alpha the two-sided sequence would just exclude no difference; 1 at the most. */
  readonly p: number;
}

export interface SequenceOptions {
  readonly alpha: number;
  /** The sample size at which it is narrowest. */
  readonly tuned: number;
  /** Of the ratio minus 1, not of the difference. */
  readonly relative: boolean;
  /** Each bound on its own holds with 1 − alpha; otherwise both together do. */
  readonly oneSided: boolean;
}

/**
 * GrowthBook's sequential test: an asymptotic confidence sequence for the difference of two means, or for their ratio minus 1.
 * Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas: Time-uniform central limit theory and asymptotic confidence sequences,
 * arXiv:2103.06476 (equations 9, 134, 155, 161), as `gbstats` 0.8 computes it, where `tuned` is 5000 unless said otherwise.
 * `null` where there is too little to say anything. It is asymptotic: for small counts it promises nothing.
 */
export function asymptoticSequence(
  control: Moments,
  treated: Moments,
  { alpha, tuned, relative, oneSided }: SequenceOptions,
): Sequence | null {
  if (control.count < 2 || treated.count < 2) return null;
  const [a, b] = [control, treated].map(({ count, sum, squares }) => {
    const mean = sum / count;
    return { mean, variance: (squares - count * mean * mean) / (count - 1), count };
  });
  if (a === undefined || b === undefined || (relative && a.mean === 0)) return null;
  const estimate = relative ? b.mean / a.mean - 1 : b.mean - a.mean;
  const error = relative
    ? Math.sqrt(b.variance / (a.mean ** 2 * b.count) + (a.variance * b.mean ** 2) / (a.mean ** 4 * a.count))
    : Math.sqrt(b.variance / b.count + a.variance / a.count);
  if (!(error > 0)) return null;
  const n = control.count + treated.count;
  const logs = -2 * Math.log(oneSided ? 2 * alpha : alpha);
  const rho = Math.sqrt((logs + Math.log(logs + 1)) / tuned);
  const weight = n * rho * rho;
  const reach = Math.sqrt(weight + 1);
  const log = oneSided ? Math.log1p(reach / (2 * alpha)) : Math.log(reach / alpha);
  const width = (error * reach * Math.sqrt(2 * log)) / (Math.sqrt(n) * rho);
  const p = Math.min(1, reach * Math.exp((-((estimate / error) ** 2) * weight) / (2 * reach * reach)));
  return { estimate, error, lower: estimate - width, upper: estimate + width, p };
}

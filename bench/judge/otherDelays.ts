import type { CheckSpec } from '../../src/core/analysis/checkSpec.ts';
import { Chance } from './chance.ts';
import { Judging } from './judging.ts';

/** What one target reports in one minute, by metric. */
type Report = Readonly<Record<string, readonly number[]>>;

/** Harm of a kind that is judged by something else than a rate or share of failures: on one target, from its first minute on. */
export interface OtherHarm {
  readonly name: string;
  readonly harm: string;
  readonly check: CheckSpec;
  readonly report: (chance: Chance, harmed: boolean) => Report;
  /** Nats that one minute of the treated target is worth to a test which knows both distributions. */
  readonly divergence: number;
}

const plain = { name: 'it', effect: 'guardrail', margin: {} } as const;

/** Latency is log-normal; of one that is `times` as slow the share above the usual p99 is 1 − Φ(2.326 − log(times)/0.5). */
const SPREAD = 0.5;
const slow = (times: number): OtherHarm => {
  const share = above(2.3263 - Math.log(times) / SPREAD);
  return {
    name: 'p99 of 50 latencies a minute',
    harm: `${times} times as slow`,
    check: { ...plain, kind: 'quantile', metric: 'latency', quantile: 0.99 },
    report: (chance, harmed) => ({
      latency: Array.from({ length: 50 }, () => (harmed ? times : 1) * 100 * Math.exp(SPREAD * chance.normal())),
    }),
    divergence: 50 * (share * Math.log(share / 0.01) + (1 - share) * Math.log((1 - share) / 0.99)),
  };
};

const NOISE = 0.1;
const higher = (by: number): OtherHarm => ({
  name: 'a mean that strays by 10 % a minute',
  harm: `${by * 100} % higher`,
  check: { ...plain, kind: 'mean', metric: 'memory', worse: 'higher' },
  report: (chance, harmed) => ({ memory: [100 * (1 + (harmed ? by : 0) + NOISE * chance.normal())] }),
  divergence: by ** 2 / (2 * NOISE ** 2),
});

const less = (usual: number, left: number): OtherHarm => ({
  name: `${usual} requests a minute`,
  harm: left === 0 ? 'none any more' : `${left * 100} % of them left`,
  check: { kind: 'vanished', name: 'it', effect: 'guardrail', events: 'requests', atLeast: 0.9 },
  report: (chance, harmed) => ({ requests: [chance.poisson(usual * (harmed ? left : 1))] }),
  // Against the 90 % that are allowed.
  divergence: usual * (left === 0 ? 0.9 : left * Math.log(left / 0.9) - left + 0.9),
});

const sick = (share: number): OtherHarm => ({
  name: 'health, looked at 12 times a minute',
  harm: `sick at ${share * 100} % of looks instead of 1 %`,
  check: { ...plain, kind: 'health', metric: 'well' },
  report: (chance, harmed) => ({
    well: Array.from({ length: 12 }, () => (chance.next() < (harmed ? share : 0.01) ? 0 : 1)),
  }),
  divergence: 12 * (share * Math.log(share / 0.01) + (1 - share) * Math.log((1 - share) / 0.99)),
});

export const OTHER_HARMS: readonly OtherHarm[] = [
  slow(1.2),
  slow(1.5),
  higher(0.03),
  higher(0.1),
  less(2, 0.5),
  less(2, 0),
  less(50, 0.5),
  sick(0.05),
  sick(0.3),
];

export interface OtherDelay {
  /** Mean minutes until harm is found. */
  readonly ours: number;
  readonly limit: number;
  readonly error: number;
}

const TARGETS = 31;
const PAST_MINUTES = 720;
const HORIZON = 60;

export function otherDelayOf(harm: OtherHarm, alpha: number, runs: number, seed: number): OtherDelay {
  const found = Array.from({ length: runs }, (_, run) =>
    minutesUntilFound(harm, alpha, new Chance(seed * 10_000 + run)),
  );
  const ours = found.reduce((sum, minutes) => sum + minutes, 0) / runs;
  const variance = found.reduce((sum, minutes) => sum + (minutes - ours) ** 2, 0) / runs;
  return { ours, limit: -Math.log(alpha) / harm.divergence, error: Math.sqrt(variance / runs) };
}

function minutesUntilFound({ check, report }: OtherHarm, alpha: number, chance: Chance): number {
  const judging = new Judging([check]);
  const minute = (treated: number) =>
    Array.from({ length: TARGETS }, (_, target) => {
      const isTreated = target < treated;
      const values = new Map(Object.entries(report(chance, isTreated)));
      return { target: String(target), treated: isTreated, inStage: isTreated, minutes: 1, values };
    });
  for (let past = 0; past < PAST_MINUTES; past++) judging.observe(minute(0));
  judging.begin(HORIZON);
  for (let passed = 1; ; passed++) {
    judging.observe(minute(1));
    if (Math.max(...judging.harm()) >= -Math.log(alpha)) return passed;
  }
}

/** The share of a standard normal distribution above `x` (Abramowitz and Stegun 26.2.17, error below 1e-7). */
function above(x: number): number {
  if (x < 0) return 1 - above(-x);
  const t = 1 / (1 + 0.2316419 * x);
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * poly;
}

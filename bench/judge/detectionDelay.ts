import { FleetPast } from '../../src/core/analysis/ratio/fleetPast.ts';
import { RatioEvidence } from '../../src/core/analysis/ratio/ratioEvidence.ts';
import { Chance } from './chance.ts';

/** Harm on one target of a hundred, beside which the ninety-nine are a large control arm. */
export interface HarmCase {
  readonly name: string;
  /** Events a minute on the treated target without harm; for shares: among {@link trials} a minute. */
  readonly usual: number;
  /** How many times that with harm. */
  readonly times: number;
  /** Trials a minute where events are failures among them; `null` for counts over time. */
  readonly trials: number | null;
}

export const HARM_CASES: readonly HarmCase[] = [
  ...[1.3, 2, 5].flatMap((times) =>
    [0.02, 0.05, 0.2, 2].map((usual) => ({ name: `${usual} events a minute`, usual, times, trials: null })),
  ),
  ...[1.3, 2, 5].flatMap((times) =>
    [0.001, 0.01, 0.1].map((share) => ({
      name: `${share * 100} % of 20 requests a minute`,
      usual: share * 20,
      times,
      trials: 20,
    })),
  ),
];

export interface Delay {
  /** Mean minutes until harm is found: ours, and that of a test which knows both rates beforehand. */
  readonly ours: number;
  readonly knowing: number;
  /** log(1/α) / KL(harm ‖ usual), in minutes: no test with the same probability of a false alarm takes less on average. */
  readonly limit: number;
}

const CONTROL = 99;
const PAST_MINUTES = 2880;

/** How long it takes to find harm, over so many runs, at a false-alarm probability of `alpha`. The noise is read from a simulated past, as in a rollout. */
export function delayOf({ usual, times, trials }: HarmCase, alpha: number, runs: number, seed: number): Delay {
  const chance = new Chance(seed);
  const draw = (mean: number) => (trials === null ? chance.poisson(mean) : binomial(chance, trials, mean / trials));
  const past = new FleetPast(PAST_MINUTES);
  for (let minute = 0; minute < PAST_MINUTES; minute++)
    past.add(
      Array.from({ length: CONTROL + 1 }, (_, target) => ({
        target: String(target),
        events: draw(usual),
        exposure: trials ?? 1,
      })),
    );
  const setting = { dispersion: past.dispersion(60).factor, share: trials === null ? null : past.rate };
  const [harmed, enough] = [usual * times, -Math.log(alpha)];
  const perEvent = trials === null ? Math.log(times) : Math.log((times * (trials - usual)) / (trials - harmed));
  const perMinute = trials === null ? harmed - usual : trials * Math.log((trials - usual) / (trials - harmed));
  let [ours, knowing] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const evidence = new RatioEvidence();
    let [found, known] = [0, 0];
    let ratio = 0;
    for (let minute = 1; found === 0 || known === 0; minute++) {
      const events = draw(harmed);
      if (found === 0) {
        const exposure = trials ?? 1;
        let others = 0;
        if (trials === null) others = chance.poisson(usual * CONTROL);
        else for (let target = 0; target < CONTROL; target++) others += draw(usual);
        evidence.add(
          {
            treated: { events, exposure, expected: exposure },
            untouched: { events: others, exposure: exposure * CONTROL, expected: exposure * CONTROL },
          },
          setting,
        );
        if (evidence.ofHarm({ tolerance: 1, margin: 0 }) >= enough) found = minute;
      }
      ratio += events * perEvent - perMinute;
      if (known === 0 && ratio >= enough) known = minute;
    }
    ours += found / runs;
    knowing += known / runs;
  }
  const divergence =
    trials === null
      ? harmed * Math.log(times) - (harmed - usual)
      : harmed * Math.log(times) + (trials - harmed) * Math.log((trials - harmed) / (trials - usual));
  return { ours, knowing, limit: enough / divergence };
}

function binomial(chance: Chance, trials: number, share: number): number {
  let count = 0;
  for (let trial = 0; trial < trials; trial++) if (chance.next() < share) count++;
  return count;
}

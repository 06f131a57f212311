import { FleetPast } from '../../src/core/analysis/ratio/fleetPast.ts';
import { RatioEvidence } from '../../src/core/analysis/ratio/ratioEvidence.ts';
import { Chance } from './chance.ts';

/** Harm on one target, from its first minute on. */
export interface HarmCase {
  readonly name: string;
  /** Events a minute on each target without harm; for shares: among {@link trials} a minute. */
  readonly usual: number;
  /** How many times that with harm. */
  readonly times: number;
  /** Trials a minute where events are failures among them; `null` for counts over time. */
  readonly trials: number | null;
  /** Untouched targets. Ninety-nine are a large control arm, which is nearly as good as knowing the usual rate. */
  readonly control: number;
  /** Windows a minute: the judge is asked after each. */
  readonly looks: number;
}

const RATES = [0.02, 0.05, 0.2, 2];
const SHARES = [0.001, 0.01, 0.1];
const TIMES = [1.3, 2, 5];
const LARGE = 99;
/** In minutes. Where the limit is a few looks, the delay says more about them than about the judge. */
const COARSE = 15;

const rate = (usual: number, times: number, control = LARGE): HarmCase => ({
  name: `${usual} events a minute`,
  usual,
  times,
  trials: null,
  control,
  looks: 1,
});
const share = (failing: number, times: number, control = LARGE): HarmCase => ({
  name: `${failing * 100} % of 20 requests a minute`,
  usual: failing * 20,
  times,
  trials: 20,
  control,
  looks: 1,
});

const LARGE_CONTROL = TIMES.flatMap((times) => [
  ...RATES.map((usual) => rate(usual, times)),
  ...SHARES.map((failing) => share(failing, times)),
]);

export const HARM_CASES: readonly HarmCase[] = [
  ...LARGE_CONTROL,
  // As often as the twenty requests of a minute come in, one by one.
  ...LARGE_CONTROL.filter((one) => limitOf(one, 0.01) < COARSE).map((one) => ({ ...one, looks: 20 })),
  ...[1, 9].flatMap((control) => [
    rate(0.2, 2, control),
    rate(2, 2, control),
    share(0.01, 2, control),
    share(0.01, 5, control),
  ]),
];

export interface Delay {
  /** Mean minutes until harm is found: ours, and that of a test which knows both rates beforehand. */
  readonly ours: number;
  readonly knowing: number;
  /** log(1/α) / KL(harm ‖ usual), in minutes: no test with the same probability of a false alarm takes less on average. */
  readonly limit: number;
  /** The same for a test that does not know the usual rate and has this control arm to learn it from. */
  readonly limitBeside: number;
  /** Standard error of `ours`, in minutes. */
  readonly error: number;
}

const PAST_WINDOWS = 2880;
/** So many pasts are drawn, each for its part of the runs: how noisy a fleet is taken to be is chance as well. */
const PASTS = 20;

/** Wald's limit in minutes. */
export function limitOf({ usual, times, trials }: Pick<HarmCase, 'usual' | 'times' | 'trials'>, alpha: number): number {
  const harmed = usual * times;
  const divergence =
    trials === null
      ? harmed * Math.log(times) - (harmed - usual)
      : harmed * Math.log(times) + (trials - harmed) * Math.log((trials - harmed) / (trials - usual));
  return -Math.log(alpha) / divergence;
}

/**
 * The same where the usual rate is not known: the divergence from the nearest of all rates that both arms could have in common, which is the one that
 * they have together.
 */
export function limitBeside(harm: Pick<HarmCase, 'usual' | 'times' | 'trials' | 'control'>, alpha: number): number {
  const { usual, times, trials, control } = harm;
  const together = (usual * (times + control)) / (1 + control);
  const divergence = (own: number) =>
    trials === null
      ? own * Math.log(own / together) - (own - together)
      : own * Math.log(own / together) + (trials - own) * Math.log((trials - own) / (trials - together));
  return -Math.log(alpha) / (divergence(usual * times) + control * divergence(usual));
}

/** How long it takes to find harm, over so many runs, at a false-alarm probability of `alpha`. Noise and levels are read from a simulated past, as in a rollout. */
export function delayOf(harm: HarmCase, alpha: number, runs: number, seed: number): Delay {
  const chance = new Chance(seed);
  const found: Found[] = [];
  for (let past = 0; past < PASTS; past++) {
    const share = Math.ceil((runs - found.length) / (PASTS - past));
    if (share > 0) found.push(...foundWithPast(harm, alpha, share, chance));
  }
  const mean = (of: (one: Found) => number) => found.reduce((sum, one) => sum + of(one), 0) / found.length;
  const ours = mean((one) => one.ours);
  const variance = mean((one) => (one.ours - ours) ** 2);
  return {
    ours: ours / harm.looks,
    knowing: mean(({ knowing }) => knowing) / harm.looks,
    limit: limitOf(harm, alpha),
    limitBeside: limitBeside(harm, alpha),
    error: Math.sqrt(variance / found.length) / harm.looks,
  };
}

/** After so many looks. */
interface Found {
  readonly ours: number;
  readonly knowing: number;
}

function foundWithPast(harm: HarmCase, alpha: number, runs: number, chance: Chance): readonly Found[] {
  const { times, control, looks } = harm;
  const usual = harm.usual / looks;
  const trials = harm.trials === null ? null : harm.trials / looks;
  const exposure = trials ?? 1 / looks;
  const draw = (mean: number) => (trials === null ? chance.poisson(mean) : binomial(chance, trials, mean / trials));
  const past = new FleetPast(PAST_WINDOWS);
  for (let window = 0; window < PAST_WINDOWS; window++)
    past.add(
      Array.from({ length: control + 1 }, (_, target) => ({ target: String(target), events: draw(usual), exposure })),
    );
  const levels = Array.from({ length: control + 1 }, (_, target) => past.levelOf(String(target)));
  const all = levels.reduce((sum, level) => sum + level, 0);
  const setting = { dispersion: past.dispersion(60 * looks).factor, share: trials === null ? null : past.rate };
  const [harmed, enough] = [usual * times, -Math.log(alpha)];
  const perEvent = trials === null ? Math.log(times) : Math.log((times * (trials - usual)) / (trials - harmed));
  const perLook = trials === null ? harmed - usual : trials * Math.log((trials - usual) / (trials - harmed));
  return Array.from({ length: runs }, (_, run) => {
    const own = levels[run % levels.length] ?? 1;
    const evidence = new RatioEvidence();
    let [ours, knowing, ratio] = [0, 0, 0];
    for (let look = 1; ours === 0 || knowing === 0; look++) {
      const events = draw(harmed);
      if (ours === 0) {
        const mean = usual * control;
        const others = trials === null ? chance.poisson(mean) : binomial(chance, trials * control, usual / trials);
        evidence.add(
          {
            treated: { events, exposure, expected: exposure * own },
            untouched: { events: others, exposure: exposure * control, expected: exposure * (all - own) },
          },
          setting,
        );
        if (evidence.ofHarm({ tolerance: 1, margin: 0 }) >= enough) ours = look;
      }
      ratio += events * perEvent - perLook;
      if (knowing === 0 && ratio >= enough) knowing = look;
    }
    return { ours, knowing };
  });
}

/** By leaps from one success to the next. */
function binomial(chance: Chance, trials: number, share: number): number {
  const scale = Math.log1p(-share);
  let count = -1;
  for (let place = 0; place <= trials; count++) place += 1 + Math.floor(Math.log(1 - chance.next()) / scale);
  return count;
}

import type { Usual } from '../sickBaseline.ts';

/** The fleet's own past in the place of an untouched arm: its rate, and between what it surely lies. */
export interface StandIn {
  readonly lower: number;
  readonly rate: number;
  readonly upper: number;
}

/** Each bound is wrong with a probability of at most one in a thousand. */
const SURE_NATS = Math.log(1000);
/** An arm so many times as large as the treated one: its rate is as good as known. */
const MANY = 10_000;

/**
 * What the past lends to a comparison when nobody is left untouched. It is bounded once, when a stage begins, and then taken for known, so that
 * it never runs out: harm that begins late is found too. `usual` is what the whole fleet's rate was in nine tenths of all times as long
 * as the bake: a fleet whose rate drifts as a whole is given the width of that. `null`: nothing was ever counted.
 */
export function standInOf(
  { events, exposure }: { readonly events: number; readonly exposure: number },
  dispersion: number,
  usual: Usual | null,
): StandIn | null {
  if (!(exposure > 0)) return null;
  const lower = boundOf(events, exposure, dispersion, 0, events / exposure);
  const upper = boundOf(
    events,
    exposure,
    dispersion,
    (2 * events + 2 * SURE_NATS * dispersion + 1) / exposure,
    events / exposure,
  );
  return {
    lower: Math.min(lower, usual?.least ?? lower),
    rate: events / exposure,
    upper: Math.max(upper, usual?.most ?? upper),
  };
}

/** What an arm of that rate, so large that chance is gone from it, would count beside a treated arm of this exposure. */
export function knownArm(
  rate: number,
  exposure: number,
  expected: number,
): readonly [events: number, exposure: number, expected: number] {
  return [rate * exposure * MANY, exposure * MANY, expected * MANY];
}

/**
 * The rate furthest from `found`, towards `extreme`, under which so many events are not too surprising: Chernoff's bound for Poisson counts,
 * with as many events and exposure as are left when clusters are taken for one.
 */
function boundOf(events: number, exposure: number, dispersion: number, extreme: number, found: number): number {
  const surprise = (rate: number) => {
    const mean = rate * exposure;
    const log = events > 0 ? events * Math.log(events / Math.max(mean, Number.MIN_VALUE)) : 0;
    return (log - events + mean) / dispersion;
  };
  let [kept, excluded] = [found, extreme];
  if (surprise(excluded) < SURE_NATS) return extreme;
  for (let step = 0; step < 60; step++) {
    const middle = (kept + excluded) / 2;
    if (surprise(middle) >= SURE_NATS) excluded = middle;
    else kept = middle;
  }
  return excluded;
}

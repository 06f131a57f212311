import type { Chance } from './chance.ts';

/** How the rate of one target moves, minute by minute, as a factor about 1. */
export type Mood = () => number;

/** What real metrics do while nothing is changed. Each makes one target's mood; what all share is drawn once a fleet. */
export interface FleetKind {
  readonly name: string;
  readonly says: string;
  readonly fleet: (chance: Chance) => (chance: Chance) => Mood;
  /** Which share of a target's minutes is not reported. */
  readonly missing: number;
  /** An untouched target turns sick about the time of the rollout, and stays so: ten times as many errors, a tenth of the traffic. */
  readonly sick?: boolean;
}

const each =
  (mood: (chance: Chance) => Mood): FleetKind['fleet'] =>
  () =>
    mood;

/** AR(1) on the logarithm, with a standard deviation of `spread` however long its memory is. */
function autoregressive(memory: number, spread: number): FleetKind['fleet'] {
  const kick = spread * Math.sqrt(1 - memory * memory);
  return each((chance) => {
    let state = chance.normal() * spread;
    return () => {
      state = memory * state + chance.normal() * kick;
      return Math.exp(state - (spread * spread) / 2);
    };
  });
}

const DAY = 1440;

export const FLEET_KINDS: readonly FleetKind[] = [
  { name: 'independent', says: 'counts are independent', fleet: each(() => () => 1), missing: 0 },
  { name: 'AR(1) 0.5', says: 'each target has moods of some two minutes', fleet: autoregressive(0.5, 0.5), missing: 0 },
  {
    name: 'AR(1) 0.8',
    says: 'each target has moods of some five minutes',
    fleet: autoregressive(0.8, 0.5),
    missing: 0,
  },
  {
    name: 'overdispersed',
    says: 'counts are negative binomial: their rate is drawn anew each minute (shape 0.5)',
    fleet: each((chance) => () => chance.gamma(0.5)),
    missing: 0,
  },
  {
    name: 'diurnal',
    says: 'all follow the hour, from 20 % to 180 % of the mean',
    fleet: (chance) => {
      const phase = chance.next() * DAY;
      return () => {
        let minute = phase;
        return () => 1 + 0.8 * Math.sin((2 * Math.PI * minute++) / DAY);
      };
    },
    missing: 0,
  },
  {
    name: 'heterogeneous',
    says: 'targets differ in level (log-normal, 0.7)',
    fleet: each((chance) => {
      const level = Math.exp(chance.normal() * 0.7 - 0.245);
      return () => level;
    }),
    missing: 0,
  },
  {
    name: 'bursts',
    says: 'now and then (twice in 1000 minutes) a target has ten times as many for six minutes',
    fleet: each((chance) => {
      let left = 0;
      return () => {
        if (left > 0) left--;
        else if (chance.next() < 0.002) left = 5;
        return left > 0 ? 10 : 1;
      };
    }),
    missing: 0,
  },
  {
    name: 'sick untouched target',
    says: 'one that is never treated turns sick: ten times as much of what is bad, a tenth of what is good',
    fleet: each(() => () => 1),
    missing: 0,
    sick: true,
  },
  { name: 'missing data', says: 'one minute in five of each target is lost', fleet: each(() => () => 1), missing: 0.2 },
];

import type { CheckSpec } from '../../src/core/analysis/checkSpec.ts';
import type { TargetSample } from '../../src/core/analysis/targetSample.ts';
import { Chance } from './chance.ts';
import { FLEET_KINDS, type FleetKind, type Mood } from './fleets.ts';

/** A fleet of so many, its past in minutes, and stages: how many targets are treated, and for how long. */
export interface Shape {
  readonly targets: number;
  readonly pastMinutes: number;
  readonly stages: readonly { readonly treated: number; readonly minutes: number }[];
}

export const USUAL_SHAPE: Shape = {
  targets: 30,
  pastMinutes: 720,
  stages: [
    { treated: 2, minutes: 60 },
    { treated: 10, minutes: 60 },
  ],
};

type Draw = (mood: number, chance: Chance) => readonly (readonly [metric: string, value: number])[];

interface MetricKind {
  readonly check: (name: string) => CheckSpec;
  readonly draw: (name: string) => Draw;
  /** What a sick target has of it, times the usual. */
  readonly sick: number;
}

const plain = { effect: 'guardrail', margin: {} } as const;

const proportion = (share: number): MetricKind => ({
  check: (name) => ({ ...plain, kind: 'failureProportion', name, failures: name, total: `${name}.total` }),
  draw: (name) => (mood, chance) => {
    const total = chance.poisson(200);
    return [
      [`${name}.total`, total],
      [name, Math.min(total, chance.poisson(total * share * mood))],
    ];
  },
  sick: 10,
});
const rate = (mean: number): MetricKind => ({
  check: (name) => ({ ...plain, kind: 'eventRate', name, events: name }),
  draw: (name) => (mood, chance) => [[name, chance.poisson(mean * mood)]],
  sick: 10,
});
const latency: MetricKind = {
  check: (name) => ({ ...plain, kind: 'mean', name, metric: name, worse: 'higher' }),
  draw: (name) => (mood, chance) => [[name, 100 * mood * Math.exp(0.1 * chance.normal())]],
  sick: 10,
};
const traffic: MetricKind = {
  check: (name) => ({ kind: 'vanished', name, effect: 'guardrail', events: name, atLeast: 0.9 }),
  draw: (name) => (mood, chance) => [[name, chance.poisson(50 * mood)]],
  sick: 0.1,
};

/** Whole rollouts without harm: of which fleet, in which shape, with which metrics. The first metrics are judged where there are fewer. */
export interface HealthyCase {
  readonly name: string;
  readonly says: string;
  readonly fleet: FleetKind;
  readonly shape: Shape;
  readonly metrics: readonly MetricKind[];
}

const METRIC_KINDS: readonly MetricKind[] = [
  proportion(0.005),
  rate(2),
  latency,
  traffic,
  rate(0.02),
  proportion(0.005),
  latency,
  rate(20),
  traffic,
  rate(0.2),
];

const RARE_METRICS: readonly MetricKind[] = [
  rate(0.02),
  proportion(0.0001),
  rate(0.05),
  rate(0.2),
  rate(0.02),
  proportion(0.0001),
  rate(0.005),
  rate(0.1),
  proportion(0.0005),
  rate(0.02),
];

/** The first rollouts of a fleet: whatever is not known yet must not be taken for harm. */
function withPast(pastMinutes: number, kind: string): HealthyCase {
  const fleet = FLEET_KINDS.find(({ name }) => name === kind) ?? INDEPENDENT;
  const known = pastMinutes === 0 ? 'no past' : `${pastMinutes} minutes of past`;
  return {
    name: `${known}, ${kind}`,
    says: `${fleet.says}; the fleet has ${known}`,
    fleet,
    shape: { ...USUAL_SHAPE, pastMinutes },
    metrics: METRIC_KINDS,
  };
}

const INDEPENDENT: FleetKind = { name: 'independent', says: '', fleet: () => () => () => 1, missing: 0 };

export const HEALTHY_CASES: readonly HealthyCase[] = [
  ...FLEET_KINDS.map((fleet) => ({
    name: fleet.name,
    says: fleet.says,
    fleet,
    shape: USUAL_SHAPE,
    metrics: METRIC_KINDS,
  })),
  {
    name: 'rare errors',
    says: 'independent counts, from one in 200 minutes to one in five on each target',
    fleet: INDEPENDENT,
    shape: USUAL_SHAPE,
    metrics: RARE_METRICS,
  },
  {
    name: 'one against 99',
    says: 'independent counts; one target of a hundred is treated, for two hours',
    fleet: INDEPENDENT,
    shape: { targets: 100, pastMinutes: 720, stages: [{ treated: 1, minutes: 120 }] },
    metrics: METRIC_KINDS,
  },
  withPast(0, 'heterogeneous'),
  withPast(5, 'overdispersed'),
  withPast(20, 'heterogeneous'),
  withPast(60, 'AR(1) 0.8'),
];

/** What the targets report minute after minute, with nothing changed: the past first, then each stage. `begins` says how long the stage is that begins. */
export function* healthyRollout(
  { fleet, shape, metrics }: HealthyCase,
  seed: number,
): Generator<readonly TargetSample[] | { readonly begins: number }> {
  const chance = new Chance(seed);
  const moods: Mood[][] = metrics.map(() => {
    const moodOf = fleet.fleet(chance);
    return Array.from({ length: shape.targets }, () => moodOf(chance));
  });
  const draws = metrics.map(({ draw }, index) => draw(metricName(index)));
  const baked = shape.stages.reduce((sum, { minutes }) => sum + minutes, 0);
  const turnsSick = fleet.sick ? shape.pastMinutes + Math.floor((chance.next() - 0.5) * 2 * baked) : null;
  let now = 0;
  const minute = (treated: number, before: number): TargetSample[] => {
    const isSick = turnsSick !== null && now++ >= turnsSick;
    return Array.from({ length: shape.targets }, (_, target) => {
      const values = new Map<string, readonly number[]>();
      for (const [index, draw] of draws.entries()) {
        let mood = moods[index]?.[target]?.() ?? 1;
        if (fleet.missing > 0 && chance.next() < fleet.missing) continue;
        if (isSick && target === shape.targets - 1) mood *= metrics[index]?.sick ?? 1;
        for (const [metric, value] of draw(mood, chance)) values.set(metric, [value]);
      }
      const arm = { treated: target < treated, inStage: target < treated && target >= before };
      return { target: String(target), ...arm, minutes: 1, values };
    });
  };
  for (let past = 0; past < shape.pastMinutes; past++) yield minute(0, 0);
  for (const [stage, { treated, minutes }] of shape.stages.entries()) {
    const before = shape.stages[stage - 1]?.treated ?? 0;
    yield { begins: minutes };
    for (let passed = 0; passed < minutes; passed++) yield minute(treated, before);
  }
}

export function metricName(index: number): string {
  return `m${index}`;
}

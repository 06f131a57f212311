import type { CheckSpec } from '../../src/core/analysis/checkSpec.ts';
import type { TargetSample } from '../../src/core/analysis/targetSample.ts';
import { Chance } from './chance.ts';
import type { FleetKind, Mood } from './fleets.ts';

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
}

const plain = { effect: 'guardrail', margin: {} } as const;

const proportion: MetricKind = {
  check: (name) => ({ ...plain, kind: 'failureProportion', name, failures: name, total: `${name}.total` }),
  draw: (name) => (mood, chance) => {
    const total = chance.poisson(200);
    return [
      [`${name}.total`, total],
      [name, Math.min(total, chance.poisson(total * 0.005 * mood))],
    ];
  },
};
const rate = (mean: number): MetricKind => ({
  check: (name) => ({ ...plain, kind: 'eventRate', name, events: name }),
  draw: (name) => (mood, chance) => [[name, chance.poisson(mean * mood)]],
});
const latency: MetricKind = {
  check: (name) => ({ ...plain, kind: 'mean', name, metric: name, worse: 'higher' }),
  draw: (name) => (mood, chance) => [[name, 100 * mood * Math.exp(0.1 * chance.normal())]],
};
const traffic: MetricKind = {
  check: (name) => ({ kind: 'vanished', name, effect: 'guardrail', events: name, atLeast: 0.9 }),
  draw: (name) => (mood, chance) => [[name, chance.poisson(50 * mood)]],
};

/** The first is judged where there is one metric, the first four where there are four. */
export const METRIC_KINDS: readonly MetricKind[] = [
  proportion,
  rate(2),
  latency,
  traffic,
  rate(0.02),
  proportion,
  latency,
  rate(20),
  traffic,
  rate(0.2),
];

/** What the targets report minute after minute, with nothing changed: the past first, then each stage. `null` says that a stage begins. */
export function* healthyRollout(
  kind: FleetKind,
  metrics: readonly MetricKind[],
  shape: Shape,
  seed: number,
): Generator<readonly TargetSample[] | { readonly begins: number }> {
  const chance = new Chance(seed);
  const moods: Mood[][] = metrics.map(() => {
    const moodOf = kind.fleet(chance);
    return Array.from({ length: shape.targets }, () => moodOf(chance));
  });
  const draws = metrics.map(({ draw }, index) => draw(`m${index}`));
  const minute = (treated: number, before: number): TargetSample[] =>
    Array.from({ length: shape.targets }, (_, target) => {
      const values = new Map<string, readonly number[]>();
      for (const [index, draw] of draws.entries()) {
        const mood = moods[index]?.[target]?.() ?? 1;
        if (kind.missing > 0 && chance.next() < kind.missing) continue;
        for (const [metric, value] of draw(mood, chance)) values.set(metric, [value]);
      }
      const arm = { treated: target < treated, inStage: target < treated && target >= before };
      return { target: String(target), ...arm, minutes: 1, values };
    });
  for (let past = 0; past < shape.pastMinutes; past++) yield minute(0, 0);
  for (const [stage, { treated, minutes }] of shape.stages.entries()) {
    const before = shape.stages[stage - 1]?.treated ?? 0;
    yield { begins: minutes };
    for (let passed = 0; passed < minutes; passed++) yield minute(treated, before);
  }
}

import type { CheckSpec } from '../../src/core/analysis/checkSpec.ts';
import { type TargetSample, totalOf } from '../../src/core/analysis/targetSample.ts';
import { Chance } from './chance.ts';
import { Judging } from './judging.ts';

/** A series is one metric on one target. Each figure is series a second on one core, one window of them. */
export interface Cost {
  readonly targets: number;
  readonly checks: number;
  /** Shown to the judge, which learns the untouched ones, compares them with the treated ones, and says what it has come to. */
  readonly judged: number;
  /** Only learned: nothing is under way. */
  readonly learned: number;
  /** The same windows parsed from JSON, and the same numbers merely added up. */
  readonly parsed: number;
  readonly added: number;
}

const CHECKS: readonly CheckSpec[] = [
  {
    name: 'errors',
    effect: 'guardrail',
    margin: {},
    kind: 'failureProportion',
    failures: 'failures',
    total: 'requests',
  },
  { name: 'restarts', effect: 'guardrail', margin: {}, kind: 'eventRate', events: 'restarts' },
  { name: 'latency', effect: 'guardrail', margin: {}, kind: 'mean', metric: 'latency', worse: 'higher' },
  { name: 'traffic', effect: 'guardrail', kind: 'vanished', events: 'requests', atLeast: 0.5 },
];
/** What each target reports. */
const SERIES = 4;
const PAST = 120;
const STAGE = 60;

export function costOf(targets: number): Cost {
  const chance = new Chance(1);
  const window = (treated: number): readonly TargetSample[] =>
    Array.from({ length: targets }, (_, target) => {
      const requests = chance.poisson(200);
      const values = new Map<string, readonly number[]>([
        ['requests', [requests]],
        ['failures', [chance.poisson(1)]],
        ['restarts', [chance.poisson(0.02)]],
        ['latency', [100 + 10 * chance.normal()]],
      ]);
      return { target: String(target), treated: target < treated, inStage: target < treated, minutes: 1, values };
    });
  const past = Array.from({ length: PAST }, () => window(0));
  const stage = Array.from({ length: STAGE }, () => window(Math.ceil(targets / 10)));
  const judging = new Judging(CHECKS);
  const learned = perSecond(past, targets, (samples) => judging.observe(samples));
  judging.begin(STAGE);
  const judged = perSecond(stage, targets, (samples) => {
    judging.observe(samples);
    judging.harm();
  });
  const texts = stage.map((samples) => JSON.stringify(samples.map(({ target, values }) => [target, [...values]])));
  let length = 0;
  const parsed = perSecond(texts, targets, (text) => {
    length += (JSON.parse(text) as readonly unknown[]).length;
  });
  let sum = 0;
  const added = perSecond(stage, targets, (samples) => {
    for (const { values } of samples) for (const figures of values.values()) sum += totalOf(figures)?.sum ?? 0;
  });
  if (!(length > 0 && sum > 0)) throw new Error('nothing was parsed or added up');
  return { targets, checks: CHECKS.length, judged, learned, parsed, added };
}

/** Of one core's time, whatever else the machine does. */
function perSecond<Item>(items: readonly Item[], targets: number, work: (item: Item) => void): number {
  const before = process.cpuUsage();
  for (const item of items) work(item);
  const { user, system } = process.cpuUsage(before);
  return (items.length * targets * SERIES) / ((user + system) / 1e6);
}

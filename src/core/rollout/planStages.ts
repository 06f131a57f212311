import { place } from '../kernel/place.ts';
import type { Pipeline, WaveSize } from '../policy/pipeline.ts';
import { type Labels, matches, type Target } from '../topology/target.ts';
import type { TrafficShares } from '../topology/traffic.ts';
import { TrafficOrder } from '../topology/trafficOrder.ts';
import type { PlannedStage, PlannedWave } from './rollout.ts';

/** The stage a target belongs to: the first one that selects it. `null`: nobody staged it, it never gets the change. */
export function stageOf(pipeline: Pipeline, labels: Labels): number | null {
  const index = pipeline.stages.findIndex((stage) => matches(stage.targets, labels));
  return index === -1 ? null : index;
}

/**
 * Cuts every stage into waves for one rollout. A wave's border is the {@link place} just above its last target's, so that exact
 * counts come out of a document that names nobody; a target that enrols later falls into its wave by the same rule.
 */
export function planStages(
  pipeline: Pipeline,
  rollout: string,
  targets: Iterable<Target>,
  shares: TrafficShares | null = null,
): readonly PlannedStage[] {
  const places: number[][] = pipeline.stages.map(() => []);
  const byTraffic = pipeline.stages.map(({ waves }) => waves.some((size) => 'traffic' in size));
  const members: Target[][] = pipeline.stages.map(() => []);
  for (const target of targets) {
    const stage = stageOf(pipeline, target.labels);
    if (stage === null) continue;
    places[stage]?.push(place(rollout, target.uid));
    if (byTraffic[stage]) members[stage]?.push(target);
  }
  return pipeline.stages.map((stage, index) => {
    const unordered = places[index] ?? [];
    const traffic = shares === null ? null : new TrafficOrder(members[index] ?? [], unordered, shares);
    const ordered = Float64Array.from(unordered).sort();
    const wanted = (share: number) => traffic?.countWithin(share) ?? Math.ceil(share * ordered.length);
    return { name: stage.name, targets: ordered.length, waves: planWaves(stage.waves, ordered, wanted) };
  });
}

/** `byTraffic`: how many targets a share of the traffic comes to; by targets where nobody knows of traffic, which the plan refuses. */
function planWaves(
  sizes: readonly WaveSize[],
  ordered: Float64Array,
  byTraffic: (share: number) => number,
): readonly PlannedWave[] {
  const waves: PlannedWave[] = [];
  for (const size of sizes) {
    const wanted =
      'count' in size ? size.count : 'share' in size ? Math.ceil(size.share * ordered.length) : byTraffic(size.traffic);
    const targets = Math.min(ordered.length, Math.max(1, wanted));
    // A wave that adds nobody (a small stage, a generous pipeline) would only be waiting.
    if (targets <= (waves.at(-1)?.targets ?? 0)) continue;
    const next = ordered[targets];
    waves.push({ targets, below: next ?? 1 });
  }
  const last = waves.at(-1);
  if (last === undefined || last.below < 1) waves.push({ targets: ordered.length, below: 1 });
  return waves;
}

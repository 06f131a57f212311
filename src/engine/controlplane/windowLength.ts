import type { DurationMs } from '../../core/kernel/instant.ts';
import type { Pipeline } from '../../core/policy/pipeline.ts';

const USUAL_MS: DurationMs = 10_000;
const SHORTEST_MS: DurationMs = 1_000;
/** A bake has at least so many windows: fewer would have it wait for the end of one. */
const WINDOWS_IN_A_BAKE = 10;

/**
 * How long the windows are into which a service's figures are gathered: as its pipelines say, the shortest of them; where they say nothing
 * ten seconds, or a tenth of the shortest bake, and at least one second.
 */
export function windowMsOf(pipelines: Iterable<Pipeline>, service: string): DurationMs {
  let shortest = Number.POSITIVE_INFINITY;
  for (const pipeline of pipelines)
    if (pipeline.service === service) shortest = Math.min(shortest, pipeline.windowMs ?? fittingMs(pipeline));
  return Number.isFinite(shortest) ? shortest : USUAL_MS;
}

function fittingMs({ stages, fastTrack }: Pipeline): DurationMs {
  const bakes = stages.map(({ bake }) => bake.minimumMs);
  const least = Math.min(...bakes, fastTrack?.minimumMs ?? Number.POSITIVE_INFINITY);
  return Math.max(SHORTEST_MS, Math.min(USUAL_MS, least / WINDOWS_IN_A_BAKE));
}

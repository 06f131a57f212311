import type { Service } from '../topology/service.ts';
import type { Change } from './change.ts';
import type { Pipeline, Stage } from './pipeline.ts';

/**
 * The pipeline as one change of one service goes through it (law 4): every stage bakes at least as long as the service's longest
 * asynchronous path, and where the change names the counter of its new path, only that counts as exposure, for traffic that never
 * took the new path has proven nothing about it.
 */
export function bindPipeline(through: Pipeline, change: Change, service: Service): Pipeline {
  // Law 6: where nothing can go back there is nothing to rehearse; two people have looked at it in its place.
  const pipeline = change.irreversible === undefined ? through : { ...through, rehearse: false };
  const { newPath } = change;
  const longestMs = service.asynchronousPathMs ?? 0;
  if (newPath === undefined && longestMs === 0) return pipeline;
  const bind = (stage: Stage): Stage => {
    const { minimumMs, exposure, deadlineMs } = stage.bake;
    const bound = newPath === undefined ? exposure : { metric: newPath, atLeast: exposure?.atLeast ?? 1 };
    const later = Math.max(0, longestMs - minimumMs);
    // The time to gather evidence in stays what the pipeline gives: the deadline moves with the minimum.
    const bake = { ...stage.bake, minimumMs: minimumMs + later, exposure: bound, deadlineMs: deadlineMs + later };
    return { ...stage, bake };
  };
  return { ...pipeline, stages: pipeline.stages.map(bind) };
}

import type { FastifyInstance } from 'fastify';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { getJudgedRollout } from '../../../wire/http/judge.ts';
import { toInstant } from '../../../wire/http/schema.ts';
import { HttpProblem } from '../httpProblem.ts';
import { serve } from '../route.ts';

export function judgeRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  serve(app, getJudgedRollout, async ({ params }) => {
    const judged = await controlPlane.judged(params.id);
    if (judged === null) throw new HttpProblem('unknown-rollout', `there is no rollout "${params.id}"`);
    const series = judged.series.map(({ points, ...of }) => ({
      ...of,
      points: points.map((point) => ({ ...point, at: toInstant(point.at) })),
    }));
    return { ...judged, series };
  });
}

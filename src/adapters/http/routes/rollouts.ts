import type { FastifyInstance } from 'fastify';
import type { Rollout } from '../../../core/rollout/rollout.ts';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { foreseeRollout } from '../../../wire/http/deed.ts';
import { planRollout } from '../../../wire/http/plan.ts';
import {
  getRollout,
  listRollouts,
  pauseRollout,
  promoteRollout,
  type RolloutViewBody,
  resumeRollout,
  revokeEvidence,
  rollbackRollout,
  startRollout,
} from '../../../wire/http/rollout.ts';
import { toPlan } from '../freezeBodies.ts';
import { granted, HttpProblem } from '../httpProblem.ts';
import { takePage } from '../page.ts';
import { toRolloutSummary, toRolloutView } from '../rolloutBodies.ts';
import { type Sent, serve } from '../route.ts';

export function rolloutRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  const viewOf = (id: string) => {
    const view = controlPlane.rolloutView(id);
    if (view === null) throw new HttpProblem('unknown-rollout', `there is no rollout "${id}"`);
    return view;
  };
  const stands = ({ id }: Rollout): Sent<RolloutViewBody> => toRolloutView(viewOf(id));

  serve(app, listRollouts, ({ query }) => {
    const list = {
      items: [...controlPlane.world().rollouts.values()].reverse(),
      keyOf: ({ id }: Rollout) => id,
      accepts: ({ change, phase }: Rollout) =>
        change.service === (query.service ?? change.service) && phase === (query.phase ?? phase),
      toBody: ({ id }: Rollout) => toRolloutSummary(viewOf(id)),
    };
    return takePage(list, query);
  });

  serve(app, getRollout, ({ params }) => toRolloutView(viewOf(params.id)));
  serve(app, foreseeRollout, ({ actor, params }) => ({ deeds: granted(controlPlane.foresee(actor, params.id)) }));
  serve(app, planRollout, ({ actor, body }) => toPlan(granted(controlPlane.plan(body.change, body.pipeline, actor))));

  serve(app, startRollout, async ({ actor, body, reply }) => {
    const rollout = granted(await controlPlane.start(actor, body.change, body.pipeline));
    reply.header('location', `/v1/rollouts/${rollout.id}`);
    return stands(rollout);
  });
  serve(app, pauseRollout, async ({ actor, params, body }) =>
    stands(granted(await controlPlane.pause(actor, params.id, body.reason))),
  );
  serve(app, resumeRollout, async ({ actor, params }) => stands(granted(await controlPlane.resume(actor, params.id))));
  serve(app, promoteRollout, async ({ actor, params }) =>
    stands(granted(await controlPlane.promote(actor, params.id))),
  );
  serve(app, revokeEvidence, async ({ actor, params, body }) =>
    stands(granted(await controlPlane.revokeEvidence(actor, params.id, body.stage, body.reason))),
  );
  serve(app, rollbackRollout, async ({ actor, params, body }) =>
    stands(granted(await controlPlane.rollback(actor, params.id, body.reason))),
  );
}

import type { FastifyInstance } from 'fastify';
import type { ApprovalView, NamedPlan } from '../../../engine/ports/approvals.ts';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import {
  askBreakGlass,
  confirmBreakGlass,
  endBreakGlass,
  listApprovals,
  sayApproval,
} from '../../../wire/http/approval.ts';
import { toApproval } from '../approvalBodies.ts';
import { granted } from '../httpProblem.ts';
import { takePage } from '../page.ts';
import { serve } from '../route.ts';

export function approvalRoutes(app: FastifyInstance, { approvals }: Pick<ControlPlane, 'approvals'>): void {
  const stands = (view: ApprovalView, actor: string) => toApproval(view, approvals.waitsFor(view, actor));

  serve(app, listApprovals, ({ query, actor }) => {
    const { service, mine } = query;
    const list = {
      items: approvals.views(),
      keyOf: ({ plan }: ApprovalView) => plan.rollout ?? `${plan.change}/${plan.pipeline}`,
      accepts: (view: ApprovalView) =>
        (service === undefined || view.change.service === service) &&
        (mine !== 'true' || approvals.waitsFor(view, actor)),
      toBody: (view: ApprovalView) => stands(view, actor),
    };
    return takePage(list, query);
  });

  serve(app, sayApproval, async ({ actor, body }) => {
    const { word, before = null, reason = '' } = body;
    return stands(granted(await approvals.say(actor, word, named(body), before, reason)), actor);
  });
  serve(app, askBreakGlass, async ({ actor, body }) =>
    stands(granted(await approvals.askBreakGlass(actor, named(body), body.reason, body.forMs)), actor),
  );
  serve(app, confirmBreakGlass, async ({ actor, body }) =>
    stands(granted(await approvals.confirmBreakGlass(actor, named(body))), actor),
  );
  serve(app, endBreakGlass, async ({ actor, body }) =>
    stands(granted(await approvals.endBreakGlass(actor, named(body))), actor),
  );
}

function named({ of, pipeline }: { readonly of: string; readonly pipeline?: string | undefined }): NamedPlan {
  return { of, ...(pipeline === undefined ? {} : { pipeline }) };
}

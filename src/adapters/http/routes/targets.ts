import type { FastifyInstance } from 'fastify';
import { matches } from '../../../core/topology/target.ts';
import type { ControlPlane, TargetView } from '../../../engine/ports/controlPlane.ts';
import { toInstant } from '../../../wire/http/schema.ts';
import { getTarget, listTargets, retireTarget, type TargetBody } from '../../../wire/http/target.ts';
import { granted, HttpProblem } from '../httpProblem.ts';
import { takePage } from '../page.ts';
import { type Sent, serve } from '../route.ts';

export function targetRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  serve(app, listTargets, ({ query }) => {
    const wanted = Map.groupBy((query.label ?? []).map(splitAtFirst), ([label]) => label);
    const selector = Object.fromEntries([...wanted].map(([label, pairs]) => [label, pairs.map(([, value]) => value)]));
    const list = {
      items: [...controlPlane.targetViews()].sort(byServiceAndName),
      keyOf: ({ target }: TargetView) => target.uid,
      accepts: ({ target, connected }: TargetView) =>
        target.service === (query.service ?? target.service) &&
        target.role === (query.role ?? target.role) &&
        connected === (query.connected ?? connected) &&
        matches(selector, target.labels),
      toBody: toTarget,
    };
    return takePage(list, query);
  });

  serve(app, getTarget, ({ params }) => {
    const view = controlPlane.targetView(params.uid);
    if (view !== null) return toTarget(view);
    throw new HttpProblem('unknown-target', `there is no target with the uid ${params.uid}`);
  });

  serve(app, retireTarget, async ({ actor, params }) => {
    granted(await controlPlane.retireTarget(actor, params.uid));
    return undefined;
  });
}

function splitAtFirst(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

function byServiceAndName({ target: a }: TargetView, { target: b }: TargetView): number {
  return compare(a.service, b.service) || compare(a.name, b.name) || compare(a.uid, b.uid);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function toTarget({ target, connected, lastHeard, report, desired }: TargetView): Sent<TargetBody> {
  const { uid, name, service, role, labels } = target;
  const lastHeardAt = lastHeard === null ? null : toInstant(lastHeard);
  return { uid, name, service, role, labels, connected, lastHeardAt, report, desired };
}

import type { FastifyInstance } from 'fastify';
import { matches, type Target } from '../../../core/topology/target.ts';
import type { ControlPlane, TargetView } from '../../../engine/ports/controlPlane.ts';
import { toInstant } from '../../../wire/http/schema.ts';
import { getTarget, listTargets, retireTarget, type TargetBody } from '../../../wire/http/target.ts';
import { granted, HttpProblem } from '../httpProblem.ts';
import { takePage } from '../page.ts';
import { type Sent, serve } from '../route.ts';

export function targetRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  const inOrder = byServiceAndName();
  const viewOf = (uid: string) => {
    const view = controlPlane.targetView(uid);
    if (view === null) throw new HttpProblem('unknown-target', `there is no target with the uid ${uid}`);
    return view;
  };

  serve(app, listTargets, ({ query }) => {
    const wanted = Map.groupBy((query.label ?? []).map(splitAtFirst), ([label]) => label);
    const selector = Object.fromEntries([...wanted].map(([label, pairs]) => [label, pairs.map(([, value]) => value)]));
    const list = {
      items: inOrder(controlPlane.world().targets),
      keyOf: ({ uid }: Target) => uid,
      accepts: ({ uid, service, role, labels }: Target) =>
        service === (query.service ?? service) &&
        role === (query.role ?? role) &&
        (query.connected === undefined || query.connected === viewOf(uid).connected) &&
        matches(selector, labels),
      toBody: ({ uid }: Target) => toTarget(viewOf(uid)),
    };
    return takePage(list, query);
  });

  serve(app, getTarget, ({ params }) => toTarget(viewOf(params.uid)));

  serve(app, retireTarget, async ({ actor, params }) => {
    granted(await controlPlane.retireTarget(actor, params.uid));
    return undefined;
  });
}

function splitAtFirst(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

/** All targets in their order. They are sorted anew only when some have come or gone: there may be very many of them. */
function byServiceAndName(): (targets: ReadonlyMap<string, Target>) => readonly Target[] {
  let of: ReadonlyMap<string, Target> | null = null;
  let sorted: readonly Target[] = [];
  return (targets) => {
    if (of === targets) return sorted;
    of = targets;
    sorted = [...targets.values()].sort(
      (a, b) => compare(a.service, b.service) || compare(a.name, b.name) || compare(a.uid, b.uid),
    );
    return sorted;
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function toTarget({ target, connected, lastHeard, report, desired }: TargetView): Sent<TargetBody> {
  const { uid, name, service, role, labels } = target;
  const lastHeardAt = lastHeard === null ? null : toInstant(lastHeard);
  return { uid, name, service, role, labels, connected, lastHeardAt, report, desired };
}

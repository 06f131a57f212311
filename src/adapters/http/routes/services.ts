import type { FastifyInstance } from 'fastify';
import type { World } from '../../../core/record/world.ts';
import { dependenciesOf, dependentsOf, graphOf } from '../../../core/topology/dependencyGraph.ts';
import type { Service } from '../../../core/topology/service.ts';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { getService, listServices, type ServiceBody } from '../../../wire/http/service.ts';
import { HttpProblem } from '../httpProblem.ts';
import { everything, takePage } from '../page.ts';
import { type Sent, serve } from '../route.ts';

export function serviceRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  serve(app, listServices, ({ query }) => {
    const world = controlPlane.world();
    const items = [...world.services.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return takePage(
      { items, keyOf: ({ name }) => name, accepts: everything, toBody: (service) => toService(service, world) },
      query,
    );
  });

  serve(app, getService, ({ params }) => {
    const world = controlPlane.world();
    const service = world.services.get(params.name);
    if (service === undefined) throw new HttpProblem('unknown-service', `there is no service "${params.name}"`);
    const graph = graphOf(world);
    const [dependencies, dependents] = [dependenciesOf(graph, service.name), dependentsOf(graph, service.name)];
    return { ...toService(service, world), dependencies, dependents };
  });
}

function toService(declared: Service, world: World): Sent<ServiceBody> {
  const assignments: Sent<ServiceBody['assignments']>[number][] = [];
  for (const [key, { service, role, slot, generation, lastKnownGood, candidate }] of world.assignments) {
    if (service !== declared.name) continue;
    const keptLastKnownGoods = world.lastKnownGoods.get(key) ?? [];
    assignments.push({ role, slot, generation, lastKnownGood, keptLastKnownGoods, candidate });
  }
  const neededBy = dependentsOf(graphOf(world), declared.name, 1).map(({ service }) => service);
  return { ...declared, neededBy, assignments };
}

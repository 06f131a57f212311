import type { FastifyInstance } from 'fastify';
import type { RecordedCatalog } from '../../../core/record/world.ts';
import type { ControlPlane } from '../../../engine/ports/controlPlane.ts';
import { listCatalogs, removeCatalog } from '../../../wire/http/catalog.ts';
import { toInstant } from '../../../wire/http/schema.ts';
import { granted } from '../httpProblem.ts';
import { everything, takePage } from '../page.ts';
import { serve } from '../route.ts';

export function catalogRoutes(app: FastifyInstance, controlPlane: ControlPlane): void {
  serve(app, listCatalogs, ({ query }) => {
    const recorded = [...controlPlane.world().catalogs.values()];
    const list = {
      items: recorded.sort((a, b) => (a.catalog.name < b.catalog.name ? -1 : 1)),
      keyOf: ({ catalog }: RecordedCatalog) => catalog.name,
      accepts: everything,
      toBody: ({ catalog, by, at }: RecordedCatalog) => ({ ...catalog, by, at: toInstant(at) }),
    };
    return takePage(list, query);
  });

  serve(app, removeCatalog, async ({ actor, params }) => {
    granted(await controlPlane.removeCatalog(actor, params.name));
    return undefined;
  });
}

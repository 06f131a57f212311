import type { z } from 'zod';
import { agentManifest, toAgent } from './agentManifest.ts';
import { catalogManifest, toCatalog } from './catalog.ts';
import { changeManifest, toChange } from './change.ts';
import { freezeManifest, toFreeze } from './freeze.ts';
import type { ManifestContents, ManifestKindName } from './parsedManifest.ts';
import { pipelineManifest, toPipeline } from './pipeline.ts';
import { serviceManifest, toService } from './service.ts';

/** One kind of manifest: its schema, and its reading into the core's words. */
export interface ManifestKind<Name extends ManifestKindName, Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  readonly read: (manifest: z.output<Schema>) => ManifestContents[Name];
}

/** Every kind of manifest there is. A new kind is a file beside this one and a line here. */
export const MANIFEST_KINDS = {
  Service: { schema: serviceManifest, read: (manifest) => ({ service: toService(manifest) }) },
  Pipeline: { schema: pipelineManifest, read: (manifest) => ({ pipeline: toPipeline(manifest) }) },
  Change: { schema: changeManifest, read: (manifest) => ({ change: toChange(manifest) }) },
  Freeze: { schema: freezeManifest, read: (manifest) => ({ freeze: toFreeze(manifest) }) },
  Catalog: { schema: catalogManifest, read: (manifest) => ({ catalog: toCatalog(manifest) }) },
  Agent: { schema: agentManifest, read: (manifest) => ({ agent: toAgent(manifest) }) },
} satisfies {
  readonly Service: ManifestKind<'Service', typeof serviceManifest>;
  readonly Pipeline: ManifestKind<'Pipeline', typeof pipelineManifest>;
  readonly Change: ManifestKind<'Change', typeof changeManifest>;
  readonly Freeze: ManifestKind<'Freeze', typeof freezeManifest>;
  readonly Catalog: ManifestKind<'Catalog', typeof catalogManifest>;
  readonly Agent: ManifestKind<'Agent', typeof agentManifest>;
};

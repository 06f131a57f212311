import type { Freeze } from '../../core/policy/freeze.ts';
import type { Pipeline } from '../../core/policy/pipeline.ts';
import type { Catalog } from '../../core/topology/catalog.ts';
import type { Service } from '../../core/topology/service.ts';
import type { AgentSpec } from './agent.ts';
import type { ChangeManifest } from './change.ts';
import type { SourcePosition } from './manifestProblem.ts';

/** What each kind of manifest says, in the core's own words. */
export interface ManifestContents {
  Service: { readonly service: Service };
  Pipeline: { readonly pipeline: Pipeline };
  Change: { readonly change: ChangeManifest };
  Freeze: { readonly freeze: Freeze };
  Catalog: { readonly catalog: Catalog };
  Agent: { readonly agent: AgentSpec };
}

export type ManifestKindName = keyof ManifestContents;

/** A manifest without a mistake. */
export type ParsedManifest = {
  readonly [K in ManifestKindName]: {
    readonly kind: K;
    readonly name: string;
    /** Where the document starts; `null` for a value that never was text. */
    readonly position: SourcePosition | null;
  } & ManifestContents[K];
}[ManifestKindName];

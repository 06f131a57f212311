import { sameData } from '../../core/kernel/canonicalJson.ts';
import type { Change } from '../../core/policy/change.ts';
import type { Manifest } from '../../core/record/decideCommand.ts';
import type { World } from '../../core/record/world.ts';
import type { AppliedManifest } from '../ports/controlPlane.ts';

/** What became of a manifest, from the world before it. */
export function describeApplied(before: World, manifest: Manifest): AppliedManifest {
  switch (manifest.kind) {
    case 'Service': {
      const { name } = manifest.service;
      return { kind: 'Service', name, outcome: outcomeOf(before.services.get(name), manifest.service) };
    }
    case 'Pipeline': {
      const { name } = manifest.pipeline;
      return { kind: 'Pipeline', name, outcome: outcomeOf(before.pipelines.get(name), manifest.pipeline) };
    }
    case 'Change': {
      const { name, digest } = manifest.change;
      return { kind: 'Change', name, outcome: outcomeOfChange(before.changes.get(digest), manifest.change), digest };
    }
    case 'Freeze': {
      const { name } = manifest.freeze;
      return { kind: 'Freeze', name, outcome: outcomeOf(before.freezes.get(name)?.freeze, manifest.freeze) };
    }
    case 'Catalog': {
      const { name } = manifest.catalog;
      return { kind: 'Catalog', name, outcome: outcomeOf(before.catalogs.get(name)?.catalog, manifest.catalog) };
    }
  }
}

/** What is registered already stays, but for somebody who says that it cannot be undone. */
function outcomeOfChange(before: Change | undefined, after: Change): AppliedManifest['outcome'] {
  if (before === undefined) return 'created';
  return sameData(before.irreversible, after.irreversible) ? 'unchanged' : 'replaced';
}

function outcomeOf(before: unknown, after: unknown): AppliedManifest['outcome'] {
  if (before === undefined) return 'created';
  return sameData(before, after) ? 'unchanged' : 'replaced';
}

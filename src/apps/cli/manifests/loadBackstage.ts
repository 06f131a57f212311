import { basename } from 'node:path';
import type { Catalog } from '../../../core/topology/catalog.ts';
import { readBackstage } from '../../../wire/backstage/readBackstage.ts';
import { toCatalogManifest } from '../../../wire/manifest/catalog.ts';
import type { ManifestProblem } from '../../../wire/manifest/manifestProblem.ts';
import { CliError } from '../cliError.ts';
import type { LoadedManifest } from './loadManifests.ts';
import type { Source } from './sources.ts';

/** A file of Backstage entities as the manifest of a catalogue. `name`: what it is to be called; left out: by its path. */
export function loadBackstage(
  source: Source,
  name: string | undefined,
  report: (problem: ManifestProblem) => void,
): LoadedManifest[] {
  const read = readBackstage(source.text, source.name);
  if (!read.ok) {
    read.error.forEach(report);
    return [];
  }
  const { entities, passedOver } = read.value;
  const catalog: Catalog = { name: name ?? nameByPath(source), source: source.name, entities };
  return [
    {
      source,
      manifest: { kind: 'Catalog', name: catalog.name, position: { line: 1, column: 1 }, catalog },
      document: toCatalogManifest(catalog),
      contents: {},
      passedOver,
    },
  ];
}

/** Its folder and its own name: most of these files are called the same, and the folder is the repository. */
function nameByPath({ name, folder }: Source): string {
  if (name === '<stdin>') {
    throw new CliError('usage', 'Backstage entities from stdin have no path that a catalogue could be called by', {
      remedy: 'Give it a name: ringfence catalog import - --name NAME',
    });
  }
  const stem = basename(name).replace(/\.ya?ml$/i, '');
  return `${basename(folder)}-${stem}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
}

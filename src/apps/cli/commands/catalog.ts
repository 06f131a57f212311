import { isBackstage } from '../../../wire/backstage/readBackstage.ts';
import { listCatalogs, removeCatalog as removeCatalogOperation } from '../../../wire/http/catalog.ts';
import { name as catalogName } from '../../../wire/manifest/scalars.ts';
import { CliError } from '../cliError.ts';
import { loadManifests } from '../manifests/loadManifests.ts';
import { readSources } from '../manifests/sources.ts';
import { segment } from '../terminal/styledLine.ts';
import type { Run } from '../tree/runner.ts';
import { send } from './apply.ts';
import { unknownName } from './get/unknownName.ts';

export const importCatalog: Run<{ name?: string }, [file: string]> = async (context, { name }, file) => {
  if (name !== undefined && !catalogName.safeParse(name).success)
    throw new CliError('usage', `"${name}" cannot be the name of a catalogue`, {
      remedy: 'Use at most 63 lower-case letters, digits and dashes, such as shop-catalog-info.',
    });
  const sources = await readSources([file], context.cwd);
  const other = sources.find(({ text }) => !isBackstage(text));
  if (other !== undefined)
    throw new CliError('usage', `${other.name} has no Backstage entity in it (apiVersion: backstage.io/v1alpha1)`, {
      remedy: 'Name a file such as catalog-info.yaml.',
    });
  return send(context, loadManifests(sources, undefined, name));
};

export const removeCatalog: Run<object, [name: string]> = async ({ output, client: connect }, _options, name) => {
  const client = await connect();
  try {
    await client.call(removeCatalogOperation, { params: { name } });
  } catch (error) {
    if (!(error instanceof CliError) || error.details.code !== 'unknown-catalog') throw error;
    const { items } = await client.list(listCatalogs, {}, 1000);
    const names = items.map((each) => each.name);
    throw unknownName('catalogue', name, names, 'ringfence get catalogs');
  }
  output.document({ removed: name });
  output.lines([[segment('removed', 'good'), segment(`  catalogue ${name}, with the dependencies it brought`)]]);
  return 'done';
};

import { listFreezes, removeFreeze as removeFreezeOperation } from '../../../wire/http/freeze.ts';
import { canonicalTimeZone } from '../../../wire/manifest/freeze.ts';
import { CliError } from '../cliError.ts';
import { loadManifests } from '../manifests/loadManifests.ts';
import { readSources } from '../manifests/sources.ts';
import { segment } from '../terminal/styledLine.ts';
import type { Run } from '../tree/runner.ts';
import { send } from './apply.ts';
import { unknownName } from './get/unknownName.ts';

interface ImportOptions {
  readonly service?: readonly string[];
  readonly timeZone?: string;
}

export const importFreezes: Run<ImportOptions, [file: string]> = async (context, { service = [], timeZone }, file) => {
  if (timeZone !== undefined && canonicalTimeZone(timeZone) === null)
    throw new CliError('usage', `there is no time zone "${timeZone}"`, {
      remedy: 'Name one of the IANA database, such as Europe/Berlin.',
    });
  const options = { services: service, timeZone: timeZone ?? null };
  return send(context, loadManifests(await readSources([file], context.cwd), options));
};

export const removeFreeze: Run<object, [name: string]> = async ({ output, client: connect }, _options, name) => {
  const client = await connect();
  try {
    await client.call(removeFreezeOperation, { params: { name } });
  } catch (error) {
    if (!(error instanceof CliError) || error.details.code !== 'unknown-freeze') throw error;
    const { items } = await client.list(listFreezes, {}, 1000);
    throw unknownName(
      'freeze',
      name,
      items.map((each) => each.name),
      'ringfence get freezes',
    );
  }
  output.document({ removed: name });
  output.lines([[segment('removed', 'good'), segment(`  freeze ${name}: what it held goes on`)]]);
  return 'done';
};

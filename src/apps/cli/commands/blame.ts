import { type BlameBody, getBlame } from '../../../wire/http/blame.ts';
import { listServices } from '../../../wire/http/service.ts';
import { CliError } from '../cliError.ts';
import { blameLines } from '../present/blameLines.ts';
import type { Run } from '../tree/runner.ts';
import { unknownName } from './get/unknownName.ts';

export const blame: Run<{ service?: string }, []> = async ({ output, client: connect }, { service }) => {
  const client = await connect();
  let found: BlameBody;
  try {
    found = await client.call(getBlame, service === undefined ? {} : { query: { service } });
  } catch (error) {
    if (!(error instanceof CliError) || error.details.code !== 'unknown-service' || service === undefined) throw error;
    const { items } = await client.list(listServices, {}, 1000);
    const known = items.map(({ name }) => name);
    throw unknownName('service', service, known, 'ringfence get services');
  }
  output.document(found);
  output.lines(blameLines(found, output.width));
  return 'done';
};

import {
  type KeyBody,
  listKeys,
  retireKey as retireKeyOperation,
  rotateKey as rotateKeyOperation,
} from '../../../wire/http/key.ts';
import { CliError } from '../cliError.ts';
import { moment } from '../present/words.ts';
import { segment } from '../terminal/styledLine.ts';
import type { Run } from '../tree/runner.ts';
import { showList } from './get/showList.ts';
import { unknownName } from './get/unknownName.ts';

export const keys: Run<{ limit: number }, []> = async (context, { limit }) => {
  const client = await context.client();
  return showList(context, await client.list(listKeys, {}, limit), {
    columns: [
      { title: 'ID' },
      { title: 'STATE' },
      { title: 'ADDED' },
      { title: 'ANNOUNCED BY' },
      { title: 'PUBLIC KEY' },
    ],
    row: (key) => [key.id, stateOf(key), moment(key.addedAt), key.announcedBy ?? 'nobody', key.publicKey],
    none: 'There is no signing key.',
  });
};

export const rotateKey: Run<object, []> = async ({ output, client: connect }) => {
  const client = await connect();
  const key = await client.call(rotateKeyOperation, {});
  output.document(key);
  output.lines([
    [
      segment('made', 'good'),
      segment(`  signing key ${key.id}, announced by ${key.announcedBy ?? 'nobody'}; it signs from now on`),
    ],
    [segment(`public key  ${key.publicKey}`)],
  ]);
  return 'done';
};

export const retireKey: Run<object, [id: string]> = async ({ output, client: connect }, _options, id) => {
  const client = await connect();
  try {
    const key = await client.call(retireKeyOperation, { params: { id } });
    output.document(key);
    output.lines([
      [segment('retired', 'good'), segment(`  signing key ${key.id}: what it signed is refused from now on`)],
    ]);
    return 'done';
  } catch (error) {
    if (!(error instanceof CliError) || error.details.code !== 'unknown-key') throw error;
    const { items } = await client.list(listKeys, {}, 1000);
    const known = items.map((key) => key.id);
    throw unknownName('signing key', id, known, 'ringfence key list');
  }
};

function stateOf({ retiredAt }: KeyBody): string {
  return retiredAt === null ? 'in use' : `retired ${moment(retiredAt)}`;
}

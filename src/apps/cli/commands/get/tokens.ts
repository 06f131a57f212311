import { listTokens } from '../../../../wire/http/token.ts';
import { facts } from '../../present/facts.ts';
import { moment } from '../../present/words.ts';
import type { Run } from '../../tree/runner.ts';
import { showList } from './showList.ts';
import { unknownName } from './unknownName.ts';

export const getTokens: Run<{ limit: number }, [name?: string]> = async (context, { limit }, name) => {
  const client = await context.client();
  if (name === undefined) {
    return showList(context, await client.list(listTokens, {}, limit), {
      columns: [{ title: 'ID' }, { title: 'ROLE' }, { title: 'NAME', shrinkTo: 12 }, { title: 'ISSUED' }],
      row: ({ id, role, name, issuedAt }) => [id, role, name, moment(issuedAt)],
      none: 'No token is in force.',
    });
  }
  const { items } = await client.list(listTokens, {}, Number.POSITIVE_INFINITY);
  const token = items.find((each) => each.id === name || each.name === name);
  if (token === undefined)
    throw unknownName(
      'token',
      name,
      items.flatMap((each) => [each.id, each.name]),
      'ringfence get tokens',
    );
  const { id, role, issuedAt } = token;
  context.output.document(token);
  context.output.lines(
    facts(
      [
        ['token', { text: id, tone: 'strong' }],
        ['role', role],
        ['name', token.name],
        ['issued', moment(issuedAt)],
      ],
      context.output.width,
    ),
  );
  return 'done';
};

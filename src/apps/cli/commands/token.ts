import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TokenRole } from '../../../core/policy/authority.ts';
import { issueToken, listTokens, revokeToken as revokeTokenOperation } from '../../../wire/http/token.ts';
import { CliError } from '../cliError.ts';
import { segment } from '../terminal/styledLine.ts';
import type { Run } from '../tree/runner.ts';
import { unknownName } from './get/unknownName.ts';

interface CreateOptions {
  readonly role: TokenRole;
  readonly name: string;
  /** `--output`. */
  readonly output?: string;
}

export const createToken: Run<CreateOptions, []> = async (
  { output, client: connect, cwd },
  { role, name, output: file },
) => {
  const client = await connect();
  if (file === undefined) {
    const token = await client.call(issueToken, { body: { role, name } });
    output.document(token);
    if (!output.json) output.raw(`${token.secret}\n`);
    output.notice(`token ${token.id} for ${role} "${token.name}"; its secret is shown this once`);
    return 'done';
  }
  // The file is made first: a secret that cannot be kept must not be made.
  const path = resolve(cwd, file);
  writeSecret(path, file, '', 'wx');
  const { secret, ...token } = await client.call(issueToken, { body: { role, name } });
  writeSecret(path, file, `${secret}\n`, 'w');
  output.document({ ...token, file: path });
  output.lines([
    [segment('created', 'good'), segment(`  token ${token.id} for ${role} "${token.name}"; its secret is in ${file}`)],
  ]);
  return 'done';
};

function writeSecret(path: string, shown: string, text: string, flag: 'wx' | 'w'): void {
  try {
    writeFileSync(path, text, { mode: 0o600, flag });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const says =
      code === 'EEXIST' ? 'is there already, and a secret goes into a new file only' : `cannot be written: ${message}`;
    throw new CliError('usage', `${shown} ${says}`, { remedy: 'Name another with --output, or remove it.' });
  }
}

export const revokeToken: Run<object, [id: string]> = async ({ output, client: connect }, _options, id) => {
  const client = await connect();
  try {
    await client.call(revokeTokenOperation, { params: { id } });
  } catch (error) {
    if (!(error instanceof CliError) || error.details.code !== 'unknown-token') throw error;
    const { items } = await client.list(listTokens, {}, 1000);
    throw unknownName(
      'token',
      id,
      items.map((each) => each.id),
      'ringfence get tokens',
    );
  }
  output.document({ revoked: id });
  output.lines([[segment('revoked', 'good'), segment(`  token ${id}`)]]);
  return 'done';
};

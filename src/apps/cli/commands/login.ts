import { getHealth } from '../../../wire/http/health.ts';
import { listServices } from '../../../wire/http/service.ts';
import { listTokens } from '../../../wire/http/token.ts';
import { ApiClient } from '../apiClient.ts';
import { CliError } from '../cliError.ts';
import { askSecret } from '../connection/askSecret.ts';
import { findConnection, readToken } from '../connection/findConnection.ts';
import { loginFileIn, personalLoginFile, saveLogin } from '../connection/savedLogin.ts';
import { readServerUrl } from '../connection/serverUrl.ts';
import { segment } from '../terminal/styledLine.ts';
import type { Run } from '../tree/runner.ts';

export const login: Run<{ here?: true }, [url?: string]> = async (context, { here }, url) => {
  const { output, env, cwd } = context;
  const server =
    url === undefined
      ? findConnection({ server: context.server, env, cwd }).server
      : readServerUrl(url, 'the command line');
  const connection = { server, serverFrom: 'login', token: null };
  await new ApiClient(connection).call(getHealth, {});
  const token = readToken(await askSecret(`Token for ${server} (it is not shown): `), 'stdin');
  const role = await roleOf(new ApiClient({ ...connection, token }));
  const file = here ? loginFileIn(cwd) : personalLoginFile(env);
  saveLogin({ file, server, token });
  output.document({ server, role, file });
  output.lines([[segment('signed in', 'good'), segment(` to ${server} as ${role}; kept in ${file}`)]]);
  if (env.RINGFENCE_TOKEN) output.notice('RINGFENCE_TOKEN is set and goes before what was kept');
  return 'done';
};

/** What the token may do, by trying: there is no use in keeping one that may not even read. */
async function roleOf(client: ApiClient): Promise<'admin' | 'viewer'> {
  const { server } = client.connection;
  const denied = (error: unknown) => error instanceof CliError && error.details.code === 'forbidden';
  try {
    await client.call(listTokens, { query: { limit: 1 } });
    return 'admin';
  } catch (error) {
    if (error instanceof CliError && error.details.code === 'unauthenticated') {
      throw new CliError('unreachable', `${server} does not know this token; nothing was kept`, {
        code: 'unauthenticated',
        remedy:
          'The admin token is shown when a server starts for the first time; an admin makes others with "ringfence token create".',
      });
    }
    if (!denied(error)) throw error;
  }
  try {
    await client.call(listServices, { query: { limit: 1 } });
    return 'viewer';
  } catch (error) {
    if (!denied(error)) throw error;
    throw new CliError(
      'unreachable',
      'this is a token for agents: it may connect as a target, and nothing else; nothing was kept',
      {
        code: 'forbidden',
        remedy: 'Sign in with a token of role admin or viewer.',
      },
    );
  }
}

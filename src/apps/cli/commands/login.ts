import { type CallerBody, getCaller } from '../../../wire/http/caller.ts';
import { getHealth } from '../../../wire/http/health.ts';
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
  const { person, role } = await callerOf(new ApiClient({ ...connection, token }));
  const file = here ? loginFileIn(cwd) : personalLoginFile(env);
  saveLogin({ file, server, token });
  output.document({ server, person, role, file });
  output.lines([[segment('signed in', 'good'), segment(` to ${server} as ${person} (${role}); kept in ${file}`)]]);
  if (env.RINGFENCE_TOKEN) output.notice('RINGFENCE_TOKEN is set and goes before what was kept');
  return 'done';
};

/** Whose token it is. There is no use in keeping one that is not known, or that may not even read. */
async function callerOf(client: ApiClient): Promise<CallerBody> {
  const { server } = client.connection;
  let caller: CallerBody;
  try {
    caller = await client.call(getCaller, {});
  } catch (error) {
    if (!(error instanceof CliError && error.details.code === 'unauthenticated')) throw error;
    throw new CliError('unreachable', `${server} does not know this token; nothing was kept`, {
      code: 'unauthenticated',
      remedy:
        'The admin token is shown when a server starts for the first time; an admin makes others with "ringfence token create".',
    });
  }
  if (caller.role !== 'agent') return caller;
  throw new CliError(
    'unreachable',
    'this is a token for agents: it may connect as a target, and nothing else; nothing was kept',
    {
      code: 'forbidden',
      remedy: 'Sign in with a token of another role.',
    },
  );
}

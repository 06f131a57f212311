import { parseDuration } from '../../../core/kernel/instant.ts';
import { CliError } from '../cliError.ts';
import { savedLogins } from './savedLogin.ts';
import { DEFAULT_SERVER, readServerUrl } from './serverUrl.ts';

/** Which server to speak to, with which token, and who said so. */
export interface Connection {
  readonly server: string;
  /** Where the address came from, for messages. */
  readonly serverFrom: string;
  readonly token: string | null;
  /** How long an ordinary answer may take; left out: as long as is usual. */
  readonly timeoutMs?: number;
}

export interface ConnectionSources {
  /** `--server`. */
  readonly server: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/**
 * The server: `--server`, else `RINGFENCE_SERVER`, else the nearest saved login, else this machine's default. The token:
 * `RINGFENCE_TOKEN`, else what was saved for that very server; a token is never sent to another server than it was saved with.
 */
export function findConnection({ server: option, env, cwd }: ConnectionSources): Connection {
  const named = option ?? (env.RINGFENCE_SERVER || undefined);
  const from = option === undefined ? 'RINGFENCE_SERVER' : '--server';
  const given = named === undefined ? null : readServerUrl(named, from);
  const logins = savedLogins(cwd, env);
  const login = given === null ? logins[0] : logins.find(({ server }) => server === given);
  const server = given ?? login?.server ?? DEFAULT_SERVER;
  const serverFrom = given !== null ? from : (login?.file ?? 'the default');
  const token = env.RINGFENCE_TOKEN ? readToken(env.RINGFENCE_TOKEN, 'RINGFENCE_TOKEN') : (login?.token ?? null);
  return { server, serverFrom, token, ...patience(env.RINGFENCE_TIMEOUT) };
}

function patience(text: string | undefined): { timeoutMs?: number } {
  if (!text) return {};
  const timeoutMs = parseDuration(text);
  if (timeoutMs !== null && timeoutMs > 0) return { timeoutMs };
  throw new CliError(
    'usage',
    `RINGFENCE_TIMEOUT is ${JSON.stringify(text)}, and a duration such as 30s or 2m was expected`,
  );
}

/** A token as it was pasted: white space around it goes; anything that cannot stand in a header is refused, and not repeated. */
export function readToken(text: string, from: string): string {
  const token = text.trim();
  if (token === '')
    throw new CliError('usage', `the token from ${from} is empty`, { remedy: 'Give the token the server showed.' });
  if (!/^[\x21-\x7e]{1,4096}$/.test(token)) {
    throw new CliError(
      'usage',
      `the token from ${from} is not one: it has spaces, line breaks or other characters no token has`,
      {
        remedy: 'Give the token alone, as the server showed it.',
      },
    );
  }
  return token;
}

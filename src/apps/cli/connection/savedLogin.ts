import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, parse } from 'node:path';
import { CliError } from '../cliError.ts';
import { readServerUrl } from './serverUrl.ts';

/** What `ringfence login` and the demo leave for later runs. */
export interface SavedLogin {
  readonly file: string;
  readonly server: string;
  readonly token: string | null;
}

type Env = Readonly<Record<string, string | undefined>>;

/** `.ringfence/cli.json` in a folder. */
export function loginFileIn(folder: string): string {
  return join(folder, '.ringfence', 'cli.json');
}

/** The person's own file, used where no folder upwards has one. */
export function personalLoginFile(env: Env): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'ringfence', 'cli.json');
}

/** Every saved login that counts here, the nearest first. */
export function savedLogins(cwd: string, env: Env): SavedLogin[] {
  const files: string[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    files.push(loginFileIn(folder));
    if (folder === parse(folder).root) break;
  }
  files.push(personalLoginFile(env));
  return files.filter((file) => existsSync(file)).map(readLogin);
}

function readLogin(file: string): SavedLogin {
  refuseStrangers(file);
  const wrong = (says: string) =>
    new CliError('usage', `${file} ${says}`, {
      remedy: 'It holds {"server": "http://…", "token": "…"}; "ringfence login" writes it anew.',
    });
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrong(error instanceof SyntaxError ? 'is not JSON' : `cannot be read: ${(error as Error).message}`);
  }
  const { server, token = null } = (value ?? {}) as { server?: unknown; token?: unknown };
  if (typeof server !== 'string') throw wrong('names no server');
  if (token !== null && typeof token !== 'string') throw wrong('has a token that is not text');
  return { file, server: readServerUrl(server, file), token };
}

/** A file that somebody else put above this folder decides where our manifests and tokens go: it must be ours. */
function refuseStrangers(file: string): void {
  const { uid, mode } = statSync(file);
  const me = process.getuid?.();
  if (me === undefined) return;
  if (uid !== me && uid !== 0) {
    throw new CliError(
      'usage',
      `${file} belongs to another user (uid ${uid}) and is not trusted to say where the server is`,
      {
        remedy: 'Remove it, or work in another folder.',
      },
    );
  }
  if ((mode & 0o022) !== 0) {
    throw new CliError('usage', `${file} can be written by others (mode ${(mode & 0o777).toString(8)})`, {
      remedy: `Run: chmod 600 ${file}`,
    });
  }
}

/** Writes the file whole or not at all, readable by its owner alone, and keeps it out of a git repository around it. */
export function saveLogin(login: SavedLogin): void {
  const folder = dirname(login.file);
  const draft = `${login.file}.${process.pid}.new`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const ignore = join(folder, '.gitignore');
    if (folder.endsWith('.ringfence') && !existsSync(ignore)) writeFileSync(ignore, '*\n');
    const { server, token } = login;
    writeFileSync(draft, `${JSON.stringify({ server, token }, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(draft, login.file);
  } catch (error) {
    throw new CliError('unexpected', `the login cannot be kept in ${login.file}: ${(error as Error).message}`);
  }
}

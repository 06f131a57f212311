import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { ControlPlane } from '../../engine/ports/controlPlane.ts';
import { StartupError } from './startupError.ts';

interface AdminTokenOptions {
  readonly file: string | null;
  /** Make one although there is one. */
  readonly renew: boolean;
}

/** A token's name is a person. Nobody knows who starts a server, but that they have its machine. */
const WHOEVER_RUNS_IT = 'server admin';

/**
 * Makes an admin token when nobody has one, which is so at the first start. With a file, the token stands in it (mode 0600)
 * and nowhere else; without, it is returned to be shown once. `null`: no token was made.
 */
export async function ensureAdminToken(
  controlPlane: ControlPlane,
  { file, renew }: AdminTokenOptions,
): Promise<{ readonly shown: string | null } | null> {
  const taken = [...controlPlane.world().tokens.values()].some(({ role }) => role === 'admin');
  if (taken && !renew) return null;
  if (file === null) return { shown: (await controlPlane.issueToken('engine', 'admin', WHOEVER_RUNS_IT)).secret };

  // The file is there before the token is: a token that was made but cannot be written down would lock everybody out.
  const place = openTokenFile(file);
  try {
    const { secret } = await controlPlane.issueToken('engine', 'admin', WHOEVER_RUNS_IT);
    place.keep(`${secret}\n`);
  } catch (error) {
    place.discard();
    throw error;
  }
  return { shown: null };
}

/** A file that appears under its name only when it is complete. */
function openTokenFile(file: string): { keep(text: string): void; discard(): void } {
  refuseOverwriting(file);
  const unfinished = `${file}.${process.pid}`;
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw new StartupError(
        `cannot write the admin token to ${file} (--admin-token-file): ${(error as Error).message}`,
        { cause: error },
      );
    }
  };
  const descriptor = attempt(() => openSync(unfinished, 'wx', 0o600));
  return {
    keep: (text) =>
      attempt(() => {
        writeSync(descriptor, text);
        fsyncSync(descriptor);
        closeSync(descriptor);
        renameSync(unfinished, file);
      }),
    discard: () => rmSync(unfinished, { force: true }),
  };
}

/** An older token of ours may be replaced; anything else was named by mistake. */
function refuseOverwriting(file: string): void {
  let found: string;
  try {
    found = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new StartupError(`cannot use ${file} for the admin token (--admin-token-file): ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (!/^(?:rfa_[\w-]+\s*)?$/.test(found)) {
    throw new StartupError(
      `${file} (--admin-token-file) holds something that is not a token; it is left as it is. Name another file.`,
    );
  }
}

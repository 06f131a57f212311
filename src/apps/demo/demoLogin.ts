import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { loginFileIn, saveLogin } from '../cli/connection/savedLogin.ts';

/** Where a person's own login waits while the demo's stands in its place. */
const SET_ASIDE = '.before-demo';

/**
 * Makes commands that are typed in `folder` find the demo's control plane, as `ringfence login` does. A login that is there
 * already is set aside and put back by `remove`; `earlierToken` is that of a demo that was killed, whose login is not missed.
 */
export function installLogin(
  folder: string,
  login: { readonly server: string; readonly token: string },
  earlierToken: string | null,
): { readonly file: string; remove(): void } {
  const file = loginFileIn(folder);
  const aside = file + SET_ASIDE;
  const present = tokenIn(file);
  if (present !== null && present !== earlierToken && !existsSync(aside)) renameSync(file, aside);
  saveLogin({ file, ...login });
  return {
    file,
    remove: () => {
      // Somebody may have logged in elsewhere meanwhile: that login stays.
      if (tokenIn(file) === login.token) rmSync(file);
      if (existsSync(aside) && !existsSync(file)) renameSync(aside, file);
    },
  };
}

/** `null` when there is no such file; the empty text for one without a token. */
function tokenIn(file: string): string | null {
  try {
    const { token } = JSON.parse(readFileSync(file, 'utf8')) as { token?: string | null };
    return token ?? '';
  } catch {
    return existsSync(file) ? '' : null;
  }
}

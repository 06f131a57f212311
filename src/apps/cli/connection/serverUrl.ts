import { CliError } from '../cliError.ts';

export const DEFAULT_SERVER = 'http://127.0.0.1:4600';

/** A server's address as people give it, checked. Without a slash at its end. `from` says where it was given. */
export function readServerUrl(text: string, from: string): string {
  const wrong = (says: string) =>
    new CliError('usage', `the server's address in ${from} is ${JSON.stringify(text)}, ${says}`, {
      remedy: `Give it as in ${DEFAULT_SERVER}.`,
    });
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const meant = URL.parse(`http://${text}`) === null ? '' : `; did you mean http://${text}?`;
    throw wrong(`but an address starts with http:// or https://${meant}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new CliError(
      'usage',
      `the server's address in ${from} carries a name or password, which would end up in logs`,
      {
        remedy: 'Leave it out and run "ringfence login", or set RINGFENCE_TOKEN.',
      },
    );
  }
  if (url.search !== '' || url.hash !== '') throw wrong('but an address ends before any ? or #');
  return url.href.replace(/\/+$/, '');
}

/** Whether what is sent there stays on this machine or is encrypted on its way: only then may a token go along. */
export function keepsSecrets(server: string): boolean {
  const { protocol, hostname } = new URL(server);
  return protocol === 'https:' || /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

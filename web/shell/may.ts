import type { CallerBody } from '../../src/wire/http/caller.ts';
import { useLive } from '../console.ts';

type Role = CallerBody['role'];

/** As the server's one table of who may do what has it, which decides; here it only says beforehand what would be refused. */
const ROLES = {
  author: ['author', 'admin'],
  start: ['author', 'operator', 'admin'],
  stop: ['author', 'approver', 'operator', 'admin'],
  goOn: ['operator', 'admin'],
  approve: ['approver', 'operator', 'admin'],
  secure: ['admin'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

export type Deed = keyof typeof ROLES;

/** `null`: the reader may. Else why not, in words. */
export function useMay(deed: Deed): string | null {
  const session = useLive((live) => live.session?.session ?? null);
  const roles: readonly Role[] = ROLES[deed];
  if (session === null) return 'sign in first: you are reading anonymously';
  if (roles.includes(session.role)) return null;
  return `you are signed in as ${session.role}; this needs the role ${roles.join(', ').replace(/, (\w+)$/, ' or $1')}`;
}

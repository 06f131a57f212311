import type { Refusal } from '../kernel/refusal.ts';

/** What a token lets its holder do. Records from before there were more know `admin`, `viewer` and `agent` alone. */
export const TOKEN_ROLES = ['viewer', 'author', 'approver', 'operator', 'admin', 'agent', 'flags', 'ingest'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

interface Deed {
  /** As in "to … needs the role …". */
  readonly says: string;
  readonly roles: readonly TokenRole[];
}

/**
 * Who may do what: the one table. The HTTP API and the control plane go by it and by nothing else. What is not here nobody may do.
 *
 * Whoever may work may stop: it costs time and no more. To go on is for operators. What the gates are made of (services,
 * pipelines, freezes, keys, tokens) is for admins alone, for who may change a gate need not go through it.
 */
export const DEEDS = {
  read: { says: 'read', roles: ['viewer', 'author', 'approver', 'operator', 'admin'] },
  readArtifact: { says: 'read artifacts', roles: ['viewer', 'author', 'approver', 'operator', 'admin', 'agent'] },
  knowOneself: { says: 'ask who one is', roles: TOKEN_ROLES },
  /** For programs that ask for flags; what they carry about can be read out of them, so it lets them do nothing else. */
  evaluateFlags: { says: 'evaluate flags', roles: ['flags', 'viewer', 'author', 'approver', 'operator', 'admin'] },
  /** For programs that are measured, which are many: it lets them do nothing else. */
  sendMetrics: { says: 'send metrics', roles: ['ingest', 'admin'] },
  connect: { says: 'connect as a target', roles: ['agent'] },
  author: { says: 'register changes', roles: ['author', 'admin'] },
  start: { says: 'start rollouts', roles: ['author', 'operator', 'admin'] },
  stop: { says: 'pause, roll back and halt', roles: ['author', 'approver', 'operator', 'admin'] },
  goOn: {
    says: 'resume, promote, lift a halt, revoke evidence and retire targets',
    roles: ['operator', 'admin'],
  },
  approve: { says: 'approve and reject', roles: ['approver', 'operator', 'admin'] },
  breakGlass: { says: 'ask for break-glass and confirm it', roles: ['approver', 'operator', 'admin'] },
  policy: { says: 'register services, pipelines and freezes', roles: ['admin'] },
  secure: { says: 'manage tokens and signing keys', roles: ['admin'] },
} as const satisfies Readonly<Record<string, Deed>>;

export type DeedName = keyof typeof DEEDS;

export function rolesFor(deed: DeedName): readonly TokenRole[] {
  return DEEDS[deed].roles;
}

/** Whoever asks for something, as far as the answer depends on it. */
export interface Caller {
  /** Two tokens of one name are one person's. */
  readonly person: string;
  /** `null`: none that is in force. */
  readonly role: TokenRole | null;
}

/** `null`: the caller may. Else what role it takes. */
export function refuseCaller({ person, role }: Caller, deed: DeedName): Refusal | null {
  const { says, roles }: Deed = DEEDS[deed];
  if (role !== null && roles.includes(role)) return null;
  const has = role === null ? 'has no token in force' : `has the role ${role}`;
  return {
    code: 'forbidden',
    says: `"${person}" ${has}; to ${says} needs the role ${orOf(roles)}`,
    remedy: 'ask somebody who has it; an admin makes tokens with other roles',
  };
}

/** `a, b or c`. */
export function orOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

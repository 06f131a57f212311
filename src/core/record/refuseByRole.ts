import type { Refusal } from '../kernel/refusal.ts';
import { type DeedName, refuseCaller } from '../policy/authority.ts';
import { callerOf, isOwn } from './caller.ts';
import type { Command } from './decideCommand.ts';
import type { World } from './world.ts';

type DeedsOf<T extends Command['type']> =
  | DeedName
  | ((command: Extract<Command, { readonly type: T }>) => readonly DeedName[]);

/** What each command takes. A command that is added does not compile until it has its place here. */
const DEEDS_OF: { readonly [T in Command['type']]: DeedsOf<T> } = {
  apply: ({ manifests }) => manifests.map(({ kind }) => (kind === 'Change' ? 'author' : 'policy')),
  removeFreeze: 'policy',
  removeCatalog: 'policy',
  checkpoint: 'secure',
  enrol: 'connect',
  retire: 'goOn',
  issueToken: 'secure',
  revokeToken: 'secure',
  revokeEvidence: 'goOn',
  addKey: 'secure',
  retireKey: 'secure',
  renewPermits: 'secure',
  approve: 'approve',
  reject: 'approve',
  withdraw: 'approve',
  askBreakGlass: 'breakGlass',
  confirmBreakGlass: 'breakGlass',
  endBreakGlass: 'breakGlass',
  halt: 'stop',
  lift: 'goOn',
  start: 'start',
  rollout: ({ input }) => [input.type === 'pause' || input.type === 'rollback' ? 'stop' : 'goOn'],
};

/** Whoever asks for what their role does not allow is refused before anything is decided. */
export function refuseByRole(world: World, actor: string, command: Command): Refusal | null {
  if (isOwn(world, actor)) return null;
  const caller = callerOf(world, actor);
  // The table's type pairs each command with its deeds; the compiler cannot follow that through the lookup.
  const named = DEEDS_OF[command.type] as DeedsOf<Command['type']>;
  const deeds: readonly DeedName[] = typeof named === 'string' ? [named] : named(command as never);
  for (const deed of deeds) {
    const refusal = refuseCaller(caller, deed);
    if (refusal !== null) return refusal;
  }
  return null;
}

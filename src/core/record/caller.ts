import type { Caller } from '../policy/authority.ts';
import type { World } from './world.ts';

const TOKEN = 'token:';

/**
 * Whether an actor of the record is part of this process (`engine`, `agent:…`): what it does, nobody outside has asked for. Whoever
 * comes from outside comes with a token that was issued here, or as `anonymous`.
 */
export function isOwn(world: World, actor: string): boolean {
  return actor !== 'anonymous' && !(actor.startsWith(TOKEN) && world.people.has(actor.slice(TOKEN.length)));
}

/** A token stands for the person it is named after, also when it is no longer in force: what they did stays theirs. */
export function callerOf(world: World, actor: string): Caller {
  if (isOwn(world, actor)) return { person: actor, role: 'admin' };
  const id = actor.slice(TOKEN.length);
  return { person: world.people.get(id) ?? actor, role: world.tokens.get(id)?.role ?? null };
}

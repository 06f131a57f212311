import type { AssignmentSet } from '../../../engine/ports/fleet.ts';
import { RemoteConfigState } from '../../../wire/opamp/generated/opamp_pb.ts';
import { type HeldIn, otherConfigs } from './foreignConfig.ts';
import type { ForeignMemory, ForeignState } from './foreignState.ts';

/**
 * What an agent that is not ours holds, or is about to, as far as it says so: by the hash that it names, else by what it last had
 * applied, else by what it runs with. It matters where that cannot be undone, also to a server that has just started and remembers nothing.
 */
export function heldBy(memory: ForeignMemory, state: ForeignState, set: AssignmentSet): HeldIn {
  const known = [...(memory.applied === null ? [] : [memory.applied]), ...otherConfigs(set)];
  const named = state.state === RemoteConfigState.FAILED ? undefined : known.find(({ hash }) => hash === state.hash);
  const config = named ?? memory.applied;
  return (slot, name) => {
    const file = config?.files.find((each) => each.slot === slot);
    if (file !== undefined) return file.artifact;
    return state.effective?.get(name) ?? null;
  };
}

import type { DurationMs } from '../../../core/kernel/instant.ts';
import type { Target } from '../../../core/topology/target.ts';
import type { AssignmentSet } from '../../../engine/ports/fleet.ts';
import { AgentCapability, RemoteConfigState } from '../../../wire/opamp/generated/opamp_pb.ts';
import { desiredConfig, type ForeignConfig } from './foreignConfig.ts';
import { heldBy } from './foreignHeld.ts';
import { namedConfig, slotByEffect } from './foreignReport.ts';
import { can, type ForeignMemory, type ForeignState, unservable } from './foreignState.ts';

/** What is to be remembered once the agent has said `state`, or once it is to hold something else. */
export function remember(
  memory: ForeignMemory,
  state: ForeignState,
  set: AssignmentSet,
  target: Target,
): ForeignMemory {
  const desired = desiredConfig(set, target, heldBy(memory, state, set));
  const named = namedConfig(memory, state, set, desired);
  const applied = state.state === RemoteConfigState.APPLIED && named !== null ? named : memory.applied;
  const failedNow = state.state === RemoteConfigState.FAILED && state.hash === desired.hash;
  const failedBefore = memory.failedHash === desired.hash && applied?.hash !== desired.hash;
  return {
    offered: memory.offered,
    packagesOffered: memory.packagesOffered,
    failedHash: failedNow || failedBefore ? desired.hash : null,
    applied,
    baseline: memory.offered === null && isUntouched(state, set) ? state.effective : memory.baseline,
  };
}

/**
 * Whether what the agent runs with is surely its own: none of it was rolled out, and no roll-out has ended that left nothing behind
 * (the bytes of one that went back are not in the assignments any more, so they could not be told from the agent's own).
 */
function isUntouched({ effective }: ForeignState, { assignments }: AssignmentSet): boolean {
  const ours = new Set(assignments.flatMap(({ lastKnownGood, candidate }) => [lastKnownGood, candidate?.artifact]));
  const wentBack = assignments.some(({ lastKnownGood, candidate }) => lastKnownGood === null && candidate === null);
  return effective !== null && !wentBack && ![...effective.values()].some((digest) => ours.has(digest));
}

/** The configuration to offer now, or `null`. An agent that misreports is offered the same one every `reofferMs` at most. */
export function configToOffer(
  memory: ForeignMemory,
  state: ForeignState,
  set: AssignmentSet,
  target: Target,
  now: DurationMs,
  reofferMs: DurationMs,
): ForeignConfig | null {
  const desired = desiredConfig(set, target, heldBy(memory, state, set));
  const { offered } = memory;
  if (unservable(state) !== null || desired.files.length === 0) return null;
  // An agent we never changed is left alone, even by an offer of nothing.
  if (desired.isEmpty && state.hash === '' && offered === null) return null;
  if (memory.failedHash === desired.hash) return null;
  const holdsIt = can(state, AgentCapability.REPORTS_REMOTE_CONFIG)
    ? state.hash === desired.hash
    : desired.files.every((file) => slotByEffect(memory, state, file).phase === 'settled');
  if (holdsIt) return null;
  if (offered !== null && offered.hash === desired.hash && now - offered.at < reofferMs) return null;
  return desired;
}

import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../core/kernel/canonicalJson.ts';
import type { Digest } from '../../../core/kernel/digest.ts';
import { type Assignment, desiredRevision } from '../../../core/rollout/assignment.ts';
import { changeKindOf, type SlotName } from '../../../core/topology/service.ts';
import type { Target } from '../../../core/topology/target.ts';
import type { AssignmentSet } from '../../../engine/ports/fleet.ts';
import { isServerKind } from '../../../wire/manifest/changeKind.ts';

/** One slot of a foreign agent, as a file of its remote configuration. */
export interface ForeignFile {
  readonly slot: SlotName;
  /** The slot's name after the slash; empty when it is the only one, as OpAMP has it for agents with a single file. */
  readonly name: string;
  readonly generation: number;
  /** `null`: the file is not part of the remote configuration; the agent has what it had without us. */
  readonly artifact: Digest | null;
}

/** A remote configuration as a whole: what an agent that is not ours holds in its `config/` slots. */
export interface ForeignConfig {
  /** Hexadecimal; OpAMP's `config_hash`. Equal for equal files, whatever their generation. */
  readonly hash: string;
  readonly files: readonly ForeignFile[];
  /** No file at all: the way back to what the agent held before us. */
  readonly isEmpty: boolean;
}

/** What an agent holds in a slot now, as far as is known; its file has this name. */
export type HeldIn = (slot: SlotName, name: string) => Digest | null;

/** What this target is to hold. The same computation that our own agents do for themselves. */
export function desiredConfig(set: AssignmentSet, target: Target, heldIn: HeldIn = () => null): ForeignConfig {
  return configOf(set, (assignment, name) => desiredRevision(assignment, target, heldIn(assignment.slot, name)));
}

/**
 * What an agent may hold from before, so that the hash it names can be told: all of the last known good, all of the candidate, or what
 * cannot be undone.
 */
export function otherConfigs(set: AssignmentSet): readonly ForeignConfig[] {
  const most = Math.max(0, ...set.assignments.map(({ kept = [] }) => kept.length));
  return [
    configOf(set, (assignment) => assignment.lastKnownGood),
    configOf(set, (assignment) => assignment.candidate?.artifact ?? assignment.lastKnownGood),
    ...Array.from({ length: most }, (_, index) =>
      configOf(set, ({ kept = [], lastKnownGood }) => kept[index] ?? lastKnownGood),
    ),
  ];
}

/** Slots that a foreign agent cannot hold: OpAMP delivers configuration to it and nothing else of ours. What the server itself holds for it is none of its. */
export function unservedSlots(set: AssignmentSet): readonly Assignment[] {
  return set.assignments.filter(({ slot }) => {
    const kind = changeKindOf(slot);
    return kind !== 'config' && !isServerKind(kind);
  });
}

function configOf(
  set: AssignmentSet,
  artifactOf: (assignment: Assignment, name: string) => Digest | null,
): ForeignConfig {
  const served = set.assignments.filter(({ slot }) => changeKindOf(slot) === 'config');
  const files = served.map((assignment): ForeignFile => {
    const { slot, generation } = assignment;
    const name = served.length === 1 ? '' : slot.slice(slot.indexOf('/') + 1);
    return { slot, name, generation, artifact: artifactOf(assignment, name) };
  });
  const present = files.filter(({ artifact }) => artifact !== null).map(({ name, artifact }) => [name, artifact]);
  const hash = createHash('sha256')
    .update(canonicalJson(Object.fromEntries(present)))
    .digest('hex');
  return { hash, files, isEmpty: present.length === 0 };
}

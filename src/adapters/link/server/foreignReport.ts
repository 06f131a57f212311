import type { Digest } from '../../../core/kernel/digest.ts';
import { desiredRevision } from '../../../core/rollout/assignment.ts';
import type { SlotName } from '../../../core/topology/service.ts';
import type { Target } from '../../../core/topology/target.ts';
import type { AssignmentSet, SlotReport, TargetReport } from '../../../engine/ports/fleet.ts';
import { AgentCapability, RemoteConfigState } from '../../../wire/opamp/generated/opamp_pb.ts';
import type { ConfigEffect } from './effectiveConfig.ts';
import { desiredConfig, type ForeignConfig, type ForeignFile, otherConfigs, unservedSlots } from './foreignConfig.ts';
import { heldBy } from './foreignHeld.ts';
import { packageReports } from './foreignPackages.ts';
import { can, type ForeignMemory, type ForeignState, unservable } from './foreignState.ts';

/**
 * What the agent said, in the words of our own agents. It knows no provisional apply: what it has applied is settled. What it does
 * not say is not assumed: a slot stays `applying` until the agent's word, or what it runs with, shows otherwise (laws 2 and 7). `effect` is what
 * it runs with beside what it should; `null`: it does not say. Who says that it has applied something and runs with something else is `verifying`.
 */
export function foreignReport(
  memory: ForeignMemory,
  state: ForeignState,
  set: AssignmentSet,
  target: Target,
  effect: ConfigEffect | null = null,
  ours: ReadonlySet<string> = NOTHING,
): TargetReport {
  const desired = desiredConfig(set, target, heldBy(memory, state, set));
  const named = namedConfig(memory, state, set, desired);
  const served = desired.files.map((file) => servedSlot(memory, state, { desired, named, effect }, file));
  const unserved = unservedSlots(set).map((assignment) => {
    const file = {
      slot: assignment.slot,
      generation: assignment.generation,
      artifact: desiredRevision(assignment, target),
    };
    return refusedSlot(file, 'an agent that is not our own can hold config/ and opamp/ slots only');
  });
  const slots = [...served, ...packageReports({ ...state, ours }, set, target), ...unserved];
  if (state.health === null || !can(state, AgentCapability.REPORTS_HEALTH)) return { slots, checks: [] };
  const { components, ...whole } = state.health;
  return { slots, checks: [{ name: 'health', ...whole }], components };
}

/** None of its packages is ours. */
export const NOTHING: ReadonlySet<string> = new Set();

/** The configuration behind the hash that the agent names, where we can tell. */
export function namedConfig(
  memory: ForeignMemory,
  state: ForeignState,
  set: AssignmentSet,
  desired: ForeignConfig,
): ForeignConfig | null {
  const candidates = [desired, ...(memory.applied === null ? [] : [memory.applied]), ...otherConfigs(set)];
  return candidates.find(({ hash }) => hash === state.hash) ?? null;
}

const AT_REST = {
  phase: 'settled',
  current: null,
  baseline: null,
  failed: null,
  failureCode: '',
  failure: '',
  verifiedBy: '',
} as const;

interface Known {
  readonly desired: ForeignConfig;
  readonly named: ForeignConfig | null;
  readonly effect: ConfigEffect | null;
}

function servedSlot(
  memory: ForeignMemory,
  state: ForeignState,
  { desired, named, effect }: Known,
  file: ForeignFile,
): SlotReport {
  const { slot, generation, artifact } = file;
  const before = fileOf(memory.applied, slot);
  const held: SlotReport = { ...AT_REST, slot, generation: before?.generation ?? 0, current: before?.artifact ?? null };
  const failed = (failure: string): SlotReport => ({
    ...held,
    generation,
    phase: 'failed',
    failed: artifact,
    failureCode: 'apply-failed',
    failure,
  });

  const reason = unservable(state);
  // An agent that withdrew a capability after it was offered something may hold anything.
  if (reason !== null) return memory.offered === null ? refusedSlot(file, reason) : { ...held, phase: 'applying' };
  if (!can(state, AgentCapability.REPORTS_REMOTE_CONFIG)) return slotByEffect(memory, state, file);

  if (state.hash !== desired.hash) {
    if (memory.failedHash === desired.hash) return failed('the agent could not apply it before');
    // It was never configured from afar: at rest on its baseline, which is or is not what it should hold.
    if (state.hash === '') return { ...AT_REST, slot, generation: desired.isEmpty ? generation : 0 };
    const old = fileOf(named, slot);
    if (state.state !== RemoteConfigState.APPLIED || old === null) return { ...held, phase: 'applying' };
    // It holds what an earlier document asked for; it must not look as if it had followed the present one.
    const followed = old.artifact === artifact ? generation : Math.min(old.generation, generation - 1);
    return { ...held, generation: followed, current: old.artifact, verifiedBy: 'remote-config-status' };
  }
  switch (state.state) {
    case RemoteConfigState.APPLIED: {
      if (effect?.kind === 'contradicted') return { ...held, generation, phase: 'verifying', failure: effect.says };
      const verifiedBy = effect?.kind === 'shown' ? 'effective-config' : 'remote-config-status';
      return { ...AT_REST, slot, generation, current: artifact, verifiedBy };
    }
    case RemoteConfigState.FAILED:
      return failed(state.error || 'the agent gave no reason');
    default:
      return { ...held, generation, phase: 'applying' };
  }
}

/** An agent that names no hash is judged by what it runs with. Until it has said so, nothing is known. */
export function slotByEffect(memory: ForeignMemory, state: ForeignState, file: ForeignFile): SlotReport {
  const { slot, generation, artifact } = file;
  if (state.effective === null) return { ...AT_REST, slot, generation: 0, phase: 'applying' };
  const current = digestOf(state.effective, file);
  const baseline = digestOf(memory.baseline, file);
  const phase = current === (artifact ?? baseline) ? 'settled' : 'applying';
  return { ...AT_REST, slot, generation, phase, current, baseline, verifiedBy: 'effective-config' };
}

function digestOf(files: ForeignState['effective'], { name }: ForeignFile): Digest | null {
  const only = name === '' && files?.size === 1 ? [...files.values()][0] : undefined;
  return files?.get(name) ?? only ?? null;
}

/** Nothing was begun in this slot, and nothing will be: as long as the baseline is what it should hold, that is fine. */
function refusedSlot({ slot, generation, artifact }: Omit<ForeignFile, 'name'>, reason: string): SlotReport {
  const rest: SlotReport = { ...AT_REST, slot, generation };
  if (artifact === null) return rest;
  return { ...rest, phase: 'failed', failed: artifact, failureCode: 'prepare-failed', failure: reason };
}

function fileOf(config: ForeignConfig | null, slot: SlotName): ForeignFile | null {
  return config?.files.find((file) => file.slot === slot) ?? null;
}

import { type AgentPaths, agentPaths, readIdentity, readRecord } from '../../adapters/agentdisk/agentDirectory.ts';
import { driverFor } from '../../adapters/driver/driverRegistry.ts';
import type { Content, Slot } from '../../core/agent/slot.ts';
import type { Trial } from '../../core/agent/trial.ts';
import { type Digest, shortDigest } from '../../core/kernel/digest.ts';
import { ok } from '../../core/kernel/result.ts';
import type { TemplateFacts } from '../../core/topology/labelTemplate.ts';
import type { SlotName } from '../../core/topology/service.ts';
import { readSlotRecord } from '../../engine/agent/slotRecord.ts';
import { AgentDiskError } from '../../engine/ports/agentDisk.ts';
import { DriverError } from '../../engine/ports/driver.ts';
import type { AgentSpec } from '../../wire/manifest/agent.ts';
import { type AgentSlot, slotPlace } from '../../wire/manifest/slot/agentSlots.ts';
import { loadAgentSpecs } from './loadAgentSpecs.ts';
import { localTools } from './localTools.ts';

/** What one agent's directory says, read while it runs or not. */
export interface AgentStatus {
  readonly agent: string;
  readonly service: string;
  readonly role: string | null;
  readonly directory: string;
  /** `null`: no agent was ever started with this directory. */
  readonly uid: string | null;
  readonly slots: readonly SlotStatus[];
}

export interface SlotStatus {
  readonly slot: string;
  readonly file: string;
  /** What is in the file now; `null` when it cannot be read. */
  readonly found: Content | null;
  /** What the record says; `null`: none was written yet. */
  readonly record: Slot | null;
  /** Why the record or the file cannot be read; empty when they can. */
  readonly problem: string;
}

/** Reads the directories of the agents that the files describe. Needs no server. Throws an `AgentStartError` for a wrong file. */
export async function readAgentStatus(configFiles: readonly string[]): Promise<readonly AgentStatus[]> {
  return Promise.all(loadAgentSpecs(configFiles).map(statusOf));
}

async function statusOf(spec: AgentSpec): Promise<AgentStatus> {
  const paths = agentPaths(spec.directory);
  const identity = await readIdentity(paths).catch(onlyDiskErrors);
  const known = identity instanceof AgentDiskError ? null : identity;
  const target = { ...spec, role: spec.role ?? known?.role ?? '' };
  return {
    agent: spec.name,
    service: spec.service,
    role: spec.role ?? known?.role ?? null,
    directory: spec.directory,
    uid: known?.uid ?? null,
    slots: await Promise.all(Object.entries(spec.slots).map(([slot, where]) => slotStatus(paths, slot, where, target))),
  };
}

async function slotStatus(
  paths: AgentPaths,
  slot: SlotName,
  where: AgentSlot,
  target: TemplateFacts,
): Promise<SlotStatus> {
  const file = slotPlace(where);
  const driver = driverFor(
    slot,
    where,
    localTools(() => target),
  );
  if (!driver.ok) return { slot, file, found: null, record: null, problem: driver.error };
  try {
    const { content } = await driver.value.read(new AbortController().signal);
    const text = await readRecord(paths, slot);
    const read = text === null ? ok(null) : readSlotRecord(text);
    if (read.ok) return { slot, file, found: content, record: read.value, problem: '' };
    return { slot, file, found: content, record: null, problem: `its record cannot be used: ${read.error}` };
  } catch (error) {
    if (!(error instanceof AgentDiskError || error instanceof DriverError)) throw error;
    return { slot, file, found: null, record: null, problem: error.message };
  }
}

function onlyDiskErrors(error: unknown): AgentDiskError {
  if (error instanceof AgentDiskError) return error;
  throw error;
}

/** The same for people. */
export function agentStatusLines(statuses: readonly AgentStatus[]): readonly string[] {
  return statuses.flatMap(({ agent, service, role, uid, directory, slots }) => [
    `${agent}  ${service}${role === null ? '' : `/${role}`}  ${uid ?? 'was never started'}  ${directory}`,
    ...slots.flatMap(slotLines),
  ]);
}

function slotLines({ slot, file, found, record, problem }: SlotStatus): readonly string[] {
  if (problem !== '') return [`  ${slot}  ${problem}`];
  if (record === null || record.baseline === null)
    return [`  ${slot}  ${shown(found)}, never changed by this agent  ${file}`];
  const { holds, baseline, confirmed, earned, failure, phase, assignment, trial, proven } = record;
  const listed = (digests: readonly Digest[]) => digests.map(shortDigest).join(', ') || 'none';
  const drifted = found === holds || 'move' in phase || 'revert' in phase ? '' : `, but the file holds ${shown(found)}`;
  return [
    `  ${slot}  ${phase.name}, holds ${shown(holds)}${drifted}  ${file}`,
    `    baseline ${shown(baseline.content)}; confirmed and kept: ${listed(confirmed)}; of whole rollouts: ${listed(earned)}; generation ${assignment?.generation ?? 'none'}`,
    ...(trial === null || trial.until === null || (proven && holds === trial.move.to)
      ? []
      : [`    on trial; ${strikesOf(trial)} against it`]),
    ...(failure === null ? [] : [`    failed ${shortDigest(failure.artifact)} (${failure.code}): ${failure.says}`]),
  ];
}

function strikesOf({ strikes }: Trial): string {
  const { started, restarted, sickened } = strikes;
  return `${started} starts of the agent, ${restarted} of the service, ${sickened} onsets of a failing check`;
}

function shown(content: Content | null): string {
  if (content === null) return 'something unknown';
  return content === 'absent' ? 'no file' : shortDigest(content);
}

import { agentPaths, readKept, readRecord } from '../../adapters/agentdisk/agentDirectory.ts';
import type { Content, Slot } from '../../core/agent/slot.ts';
import { provenHere } from '../../core/agent/takingBackSteps.ts';
import { shortDigest } from '../../core/kernel/digest.ts';
import type { SlotName } from '../../core/topology/service.ts';
import { readSlotRecord } from '../../engine/agent/slotRecord.ts';
import { AgentDiskError } from '../../engine/ports/agentDisk.ts';
import type { AgentSpec } from '../../wire/manifest/agent.ts';
import { AgentStartError } from './agentIo.ts';
import { loadAgentSpecs } from './loadAgentSpecs.ts';

/** One revision that a slot of a target can be taken back to, from its own disk. */
export interface WayBack {
  readonly agent: string;
  readonly slot: SlotName;
  readonly content: Content;
  /** `baseline`: what was there before Ringfence; `earned`: it finished a whole rollout; `confirmed`: it was confirmed here. */
  readonly is: 'baseline' | 'earned' | 'confirmed';
  readonly inForce: boolean;
  /** Whether its bytes are on the target, whole. */
  readonly kept: boolean;
}

/** Everything that can be gone back to, slot by slot, the oldest first. Asks no server and no agent. Rejects with an {@link AgentStartError}. */
export async function listWaysBack(configFiles: readonly string[], slot: SlotName | null): Promise<readonly WayBack[]> {
  const specs = specsWith(configFiles, slot);
  return (await Promise.all(specs.map((spec) => waysBackOf(spec, slot)))).flat();
}

/** The agents that the files describe which have the slot, or all. Throws an {@link AgentStartError} when none has. */
export function specsWith(configFiles: readonly string[], slot: SlotName | null): readonly AgentSpec[] {
  const specs = loadAgentSpecs(configFiles);
  if (slot === null) return specs;
  const meant = specs.filter(({ slots }) => Object.hasOwn(slots, slot));
  if (meant.length > 0) return meant;
  const known = [...new Set(specs.flatMap(({ slots }) => Object.keys(slots)))].join(', ');
  throw new AgentStartError(`no agent named here has a slot ${slot}; there are: ${known}`, true);
}

/** The one way back that `wanted` means in each slot: `baseline`, or the beginning of a digest. Slots without one are left out. */
export function chooseWaysBack(ways: readonly WayBack[], wanted: string): readonly WayBack[] {
  const hex = wanted.replace(/^sha256:/, '');
  const fits = (way: WayBack) =>
    wanted === 'baseline' ? way.is === 'baseline' : hex.length >= 6 && way.content.startsWith(`sha256:${hex}`);
  const chosen = ways.filter(fits);
  if (chosen.length === 0) {
    const known = ways.map(({ content, is }) =>
      is === 'baseline' ? 'baseline' : shortDigest(content as `sha256:${string}`),
    );
    const says = `nothing that can be gone back to here is ${wanted}; there is: ${[...new Set(known)].join(', ') || 'nothing yet'}`;
    throw new AgentStartError(`${says} (at least six digits, or "baseline")`, true);
  }
  for (const { agent, slot, content } of chosen) {
    const twin = chosen.find((way) => way.agent === agent && way.slot === slot && way.content !== content);
    if (twin !== undefined)
      throw new AgentStartError(
        `${wanted} is the beginning of both ${content} and ${twin.content}: give more of it`,
        true,
      );
  }
  return chosen;
}

async function waysBackOf(spec: AgentSpec, slot: SlotName | null): Promise<readonly WayBack[]> {
  const paths = agentPaths(spec.directory);
  const names = Object.keys(spec.slots).filter((name) => slot === null || name === slot);
  const found = names.map(async (name) => {
    const record = await recordOf(spec, name);
    if (record === null) return [];
    return Promise.all(
      [...provenHere(record)].map(
        async (content): Promise<WayBack> => ({
          agent: spec.name,
          slot: name,
          content,
          is:
            content === record.baseline?.content
              ? 'baseline'
              : record.earned.includes(content as never)
                ? 'earned'
                : 'confirmed',
          inForce: content === record.holds,
          kept: content === 'absent' || (await readKept(paths, content)) !== null,
        }),
      ),
    );
  });
  return (await Promise.all(found)).flat();
}

/** `null`: nothing was ever changed there. */
async function recordOf({ name, directory }: AgentSpec, slot: SlotName): Promise<Slot | null> {
  try {
    const text = await readRecord(agentPaths(directory), slot);
    const read = text === null ? null : readSlotRecord(text);
    if (read?.ok === false)
      throw new AgentStartError(`agent ${name}: the record of ${slot} cannot be used: ${read.error}`, false);
    return read === null || read.value.baseline === null ? null : read.value;
  } catch (error) {
    if (error instanceof AgentDiskError)
      throw new AgentStartError(`agent ${name}: ${error.message}`, false, { cause: error });
    throw error;
  }
}

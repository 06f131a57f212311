import { randomUUID } from 'node:crypto';
import { askTakeBack, takeBackAnswer, withdrawTakeBack } from '../../adapters/agentdisk/takeBackRequests.ts';
import { systemClock } from '../../adapters/clock/systemClock.ts';
import type { SlotName } from '../../core/topology/service.ts';
import { AgentDiskError } from '../../engine/ports/agentDisk.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { Logger } from '../../engine/ports/logger.ts';
import type { ServerLink } from '../../engine/ports/serverLink.ts';
import type { TakeBackRequest, TakenBackSlot } from '../../engine/ports/takeBackRequests.ts';
import type { AgentSpec } from '../../wire/manifest/agent.ts';
import { AgentStartError } from './agentIo.ts';
import { slotLimits } from './slotLimits.ts';
import { startAgent } from './startAgent.ts';
import { chooseWaysBack, listWaysBack, specsWith } from './waysBack.ts';

/** What became of one agent's slots. */
export interface RevertedAgent {
  readonly agent: string;
  /** Whether the agent that runs did it, or this process in its place. */
  readonly by: 'the running agent' | 'this command';
  readonly slots: readonly TakenBackSlot[];
}

export interface RevertOrder {
  /** `null`: every slot. */
  readonly slot: SlotName | null;
  /** `baseline`, or the beginning of the digest of something that was proven here; `null`: the newest that is older than what is in force. */
  readonly to: string | null;
  /** Who wants it, and why. */
  readonly says: string;
}

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const LOOK_EVERY_MS = 100;
/** How much longer than its slots may take an agent is waited for: it may have been in the middle of something. */
const SLACK_MS = 30_000;

/** A server that is never there: going back needs none. */
const NO_SERVER: ServerLink = {
  open() {},
  report() {},
  observe() {},
  fetchArtifact: () => Promise.reject(new Error('going back asks no server')),
  close: () => Promise.resolve(),
};

/**
 * Takes every slot (or one) of the agents that the files describe back to what was proven there before. Needs no server. Where the
 * agent runs, it is asked through its directory; where none does, this process does it. Rejects with an {@link AgentStartError}.
 */
export async function revertAgents(
  configFiles: readonly string[],
  { slot, to, says }: RevertOrder,
): Promise<readonly RevertedAgent[]> {
  const specs = specsWith(configFiles, slot);
  if (to === null) return Promise.all(specs.map((spec) => revertAgent(spec, { id: randomUUID(), slot, to, says })));
  const chosen = chooseWaysBack(await listWaysBack(configFiles, slot), to);
  const meant = specs.filter(({ name }) => chosen.some(({ agent }) => agent === name));
  return Promise.all(
    meant.map(async (spec) => {
      const done: RevertedAgent[] = [];
      // One after the other: an agent has one request at a time.
      for (const way of chosen.filter(({ agent }) => agent === spec.name))
        done.push(await revertAgent(spec, { id: randomUUID(), slot: way.slot, to: way.content, says }));
      return { agent: spec.name, by: done[0]?.by ?? 'this command', slots: done.flatMap(({ slots }) => slots) };
    }),
  );
}

async function revertAgent(spec: AgentSpec, request: TakeBackRequest): Promise<RevertedAgent> {
  const limits = Object.values(spec.slots).map((slot) => slotLimits(slot, spec.checks).revertWithinMs * 2);
  const until = systemClock.monotonic() + Math.max(0, ...limits) + SLACK_MS;
  for (let asked = false; ; ) {
    const here = await revertHere(spec, request);
    if (here !== null) {
      if (asked) await withdrawTakeBack(spec.directory);
      return { agent: spec.name, by: 'this command', slots: here };
    }
    // It runs. Should it end before it has answered, the directory is free and this process does it.
    if (!asked) await askTakeBack(spec.directory, request);
    asked = true;
    const answered = await takeBackAnswer(spec.directory, request.id);
    if (answered !== null) return { agent: spec.name, by: 'the running agent', slots: answered };
    if (systemClock.monotonic() >= until) {
      const says = `the agent of ${spec.name} runs (it has ${spec.directory} open) but does not answer: end it, and ask again`;
      throw new AgentStartError(says, false);
    }
    await pause(systemClock, LOOK_EVERY_MS);
  }
}

/** `null`: an agent runs, and has the directory. */
async function revertHere(spec: AgentSpec, request: TakeBackRequest): Promise<readonly TakenBackSlot[] | null> {
  try {
    // Neither checks nor counters have a say in it.
    const alone = { ...spec, checks: [], metrics: null };
    const agent = await startAgent(alone, SILENT, { link: () => NO_SERVER });
    try {
      return await agent.takeBack(request);
    } finally {
      await agent.stop();
    }
  } catch (error) {
    const { cause } = error as Error;
    if (cause instanceof AgentDiskError && cause.fault === 'locked') return null;
    throw error;
  }
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

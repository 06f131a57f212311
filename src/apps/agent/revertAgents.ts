import { randomUUID } from 'node:crypto';
import { askTakeBack, takeBackAnswer, withdrawTakeBack } from '../../adapters/agentdisk/takeBackRequests.ts';
import { systemClock } from '../../adapters/clock/systemClock.ts';
import { AgentDiskError } from '../../engine/ports/agentDisk.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { Logger } from '../../engine/ports/logger.ts';
import type { ServerLink } from '../../engine/ports/serverLink.ts';
import type { TakeBackRequest, TakenBackSlot } from '../../engine/ports/takeBackRequests.ts';
import type { AgentSpec } from '../../wire/manifest/agent.ts';
import { AgentStartError } from './agentIo.ts';
import { loadAgentSpecs } from './loadAgentSpecs.ts';
import { slotLimits } from './slotLimits.ts';
import { startAgent } from './startAgent.ts';

/** What became of one agent's slots. */
export interface RevertedAgent {
  readonly agent: string;
  /** Whether the agent that runs did it, or this process in its place. */
  readonly by: 'the running agent' | 'this command';
  readonly slots: readonly TakenBackSlot[];
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
  { slot, says }: Pick<TakeBackRequest, 'slot' | 'says'>,
): Promise<readonly RevertedAgent[]> {
  const specs = loadAgentSpecs(configFiles);
  if (slot !== null && !specs.some(({ slots }) => Object.hasOwn(slots, slot))) {
    const known = [...new Set(specs.flatMap(({ slots }) => Object.keys(slots)))].join(', ');
    throw new AgentStartError(`no agent named here has a slot ${slot}; there are: ${known}`, true);
  }
  const meant = specs.filter(({ slots }) => slot === null || Object.hasOwn(slots, slot));
  return Promise.all(meant.map((spec) => revertAgent(spec, { id: randomUUID(), slot, says })));
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

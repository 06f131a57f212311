import type { Agent } from '../../engine/agent/agent.ts';
import { listenForSignals } from '../listenForSignals.ts';
import { asPort, createLog } from '../server/serverLog.ts';
import type { LogLevel } from '../server/serverOptions.ts';
import { type AgentIo, AgentStartError } from './agentIo.ts';
import { loadAgentSpecs } from './loadAgentSpecs.ts';
import { startAgent } from './startAgent.ts';

export interface AgentRunOptions {
  readonly logLevel?: LogLevel;
}

/**
 * Runs the agents that the files describe, all in this process, until a signal ends them. Resolves with the process's exit code:
 * 0 after an end in order, 1 when one could not start, 2 when that is for a mistake in a file. None runs unless all start. What is
 * confirmed stays in force at the end; what is not goes back first. A second signal ends the process at once: then the next
 * start takes back what is not confirmed.
 */
export async function runAgents(
  configFiles: readonly string[],
  io: AgentIo,
  { logLevel = 'info' }: AgentRunOptions = {},
): Promise<number> {
  const ending = listenForSignals(io.stderr);
  const agents: Agent[] = [];
  try {
    const log = createLog(logLevel, io.stderr);
    for (const spec of loadAgentSpecs(configFiles)) {
      agents.push(await startAgent(spec, asPort(log.child({ agent: spec.name }))));
    }
    await ending.signal;
    return 0;
  } catch (error) {
    if (!(error instanceof AgentStartError)) throw error;
    io.stderr.write(
      `${error.message
        .split('\n')
        .map((line) => `ringfence agent: ${line}`)
        .join('\n')}\n`,
    );
    return error.usage ? 2 : 1;
  } finally {
    await Promise.all(agents.map((agent) => agent.stop()));
    ending.stop();
  }
}

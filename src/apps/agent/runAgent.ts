import type { Agent } from '../../engine/agent/agent.ts';
import { asPort, createLog } from '../server/serverLog.ts';
import type { LogLevel } from '../server/serverOptions.ts';
import { type AgentIo, AgentStartError } from './agentIo.ts';
import { loadAgentSpecs } from './loadAgentSpecs.ts';
import { startAgent } from './startAgent.ts';

const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;
type EndSignal = keyof typeof SIGNALS;

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
  const ending = listenForSignals(io);
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

function listenForSignals(io: AgentIo): { readonly signal: Promise<EndSignal>; stop(): void } {
  const { promise, resolve: first } = Promise.withResolvers<EndSignal>();
  let seen = false;
  const listener = (signal: EndSignal) => {
    if (seen) {
      io.stderr.write(`ringfence: ${signal} again, ended at once\n`);
      process.exit(128 + SIGNALS[signal]);
    }
    seen = true;
    first(signal);
  };
  const names = Object.keys(SIGNALS) as EndSignal[];
  for (const name of names) process.on(name, listener);
  return {
    signal: promise,
    stop() {
      for (const name of names) process.off(name, listener);
    },
  };
}

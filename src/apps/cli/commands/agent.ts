import { AgentStartError } from '../../agent/agentIo.ts';
import { agentStatusLines, readAgentStatus } from '../../agent/agentStatus.ts';
import { runAgents } from '../../agent/runAgent.ts';
import type { LogLevel } from '../../server/serverOptions.ts';
import { CliError } from '../cliError.ts';
import type { Exit } from '../exitCodes.ts';
import { clean } from '../terminal/clean.ts';
import type { Run } from '../tree/runner.ts';

interface Given {
  readonly config?: readonly string[];
}

const NO_CONFIG = 'no agent is named: give its manifest (kind: Agent) with --config FILE';

export const agent: Run<Given & { readonly logLevel: LogLevel }, []> = async (_context, { config, logLevel }) => {
  if (config === undefined) throw new CliError('usage', NO_CONFIG);
  const exits: Readonly<Record<number, Exit>> = { 0: 'done', 2: 'usage' };
  return exits[await runAgents(config, process, { logLevel })] ?? 'unexpected';
};

export const agentStatus: Run<Given, []> = async ({ output }, { config }) => {
  if (config === undefined) throw new CliError('usage', NO_CONFIG);
  try {
    const statuses = await readAgentStatus(config);
    output.document({ agents: statuses });
    output.lines(agentStatusLines(statuses).map((line) => [{ text: cleanColumns(line), tone: 'plain' }]));
    return 'done';
  } catch (error) {
    if (!(error instanceof AgentStartError)) throw error;
    const [first = '', ...rest] = error.message.split('\n');
    throw new CliError(error.usage ? 'usage' : 'unexpected', first, { extract: rest });
  }
};

/** A line whose columns are told apart by two spaces, and which may hold a service's own words. */
function cleanColumns(line: string): string {
  return line.split('  ').map(clean).join('  ');
}

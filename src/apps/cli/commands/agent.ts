import { hostname, userInfo } from 'node:os';
import type { Content } from '../../../core/agent/slot.ts';
import { shortDigest } from '../../../core/kernel/digest.ts';
import { AgentDiskError } from '../../../engine/ports/agentDisk.ts';
import type { TakenBackSlot } from '../../../engine/ports/takeBackRequests.ts';
import { AgentStartError } from '../../agent/agentIo.ts';
import { agentStatusLines, readAgentStatus } from '../../agent/agentStatus.ts';
import { revertAgents } from '../../agent/revertAgents.ts';
import { runAgents } from '../../agent/runAgent.ts';
import { listWaysBack, type WayBack } from '../../agent/waysBack.ts';
import type { LogLevel } from '../../server/serverOptions.ts';
import { CliError } from '../cliError.ts';
import type { Exit } from '../exitCodes.ts';
import { clean } from '../terminal/clean.ts';
import { segment } from '../terminal/styledLine.ts';
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

interface RevertGiven extends Given {
  readonly slot?: string;
  readonly to?: string;
  readonly list?: true;
  readonly reason?: string;
}

export const agentRevert: Run<RevertGiven, []> = async ({ output }, { config, slot, to, list, reason }) => {
  if (config === undefined) throw new CliError('usage', NO_CONFIG);
  if (list === true) {
    const waysBack = await asCliErrors(() => listWaysBack(config, slot ?? null));
    output.document({ waysBack });
    const nothing = [segment('nothing was ever changed here: there is nothing to go back to')];
    output.lines(waysBack.length === 0 ? [nothing] : waysBack.map(wayBackLine));
    return 'done';
  }
  const who = `${userInfo().username} on ${hostname()}`;
  const says = `ordered by ${who}${reason === undefined ? '' : `: ${reason}`}`;
  const agents = await asCliErrors(() => revertAgents(config, { slot: slot ?? null, to: to ?? null, says }));
  output.document({ agents });
  const slots = agents.flatMap((agent) => agent.slots.map((each) => ({ ...each, agent: agent.agent, by: agent.by })));
  output.lines(slots.map(revertLine));
  if (slots.some(({ outcome }) => outcome === 'stuck')) return 'unexpected';
  return slots.every(({ outcome }) => outcome !== 'back') ? 'refused' : 'done';
};

function revertLine({
  agent,
  slot,
  outcome,
  holds,
  verifiedBy,
  by,
  says,
}: TakenBackSlot & { agent: string; by: string }) {
  const held = holds === null ? 'something unknown' : named(holds);
  const where = segment(`${clean(agent)}  ${clean(slot)}  `);
  const shown = verifiedBy === '' ? '' : `, shown by ${clean(verifiedBy)}`;
  switch (outcome) {
    case 'back':
      return [where, segment('back', 'good'), segment(`  holds ${held}${shown}; done by ${by}`)];
    case 'stuck':
      return [where, segment('stuck', 'bad'), segment(`  ${held} was put back, but: ${clean(says)}`)];
    case 'not-proven-here':
    case 'nothing-older':
      return [where, segment('unchanged', 'warn'), segment(`  holds ${held}: ${clean(says)}`)];
  }
}

const KINDS: Readonly<Record<WayBack['is'], string>> = {
  baseline: 'what was there before Ringfence',
  earned: 'finished a whole rollout',
  confirmed: 'confirmed here',
};

function wayBackLine({ agent, slot, content, is, inForce, kept }: WayBack) {
  const where = segment(`${clean(agent)}  ${clean(slot)}  ${named(content)}  ${KINDS[is]}`);
  const lost = kept ? [] : [segment('  its bytes are gone or damaged', 'bad')];
  return [where, ...(inForce ? [segment('  in force', 'good')] : []), ...lost];
}

function named(content: Content): string {
  return content === 'absent' ? 'no file' : shortDigest(content);
}

async function asCliErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AgentDiskError) throw new CliError('unexpected', error.message);
    if (!(error instanceof AgentStartError)) throw error;
    const [first = '', ...rest] = error.message.split('\n');
    throw new CliError(error.usage ? 'usage' : 'unexpected', first, { extract: rest });
  }
}

/** A line whose columns are told apart by two spaces, and which may hold a service's own words. */
function cleanColumns(line: string): string {
  return line.split('  ').map(clean).join('  ');
}

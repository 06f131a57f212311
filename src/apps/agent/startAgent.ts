import { readFileSync } from 'node:fs';
import { openAgentDisk } from '../../adapters/agentdisk/openAgentDisk.ts';
import { takeBackRequests } from '../../adapters/agentdisk/takeBackRequests.ts';
import { localCheck } from '../../adapters/check/checkRegistry.ts';
import { systemClock } from '../../adapters/clock/systemClock.ts';
import { driverFor, orderOf } from '../../adapters/driver/driverRegistry.ts';
import { systemEntropy } from '../../adapters/entropy/systemEntropy.ts';
import { bootOfMachine } from '../../adapters/host/bootOfMachine.ts';
import { createOpampLink } from '../../adapters/link/client/opampLink.ts';
import { prometheusScrape } from '../../adapters/signal/prometheusScrape.ts';
import { ed25519 } from '../../adapters/signing/ed25519.ts';
import { Agent, type AgentSlotOptions } from '../../engine/agent/agent.ts';
import { AgentDiskError } from '../../engine/ports/agentDisk.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { Logger } from '../../engine/ports/logger.ts';
import type { ServerLink } from '../../engine/ports/serverLink.ts';
import type { AgentSpec } from '../../wire/manifest/agent.ts';
import { AgentStartError } from './agentIo.ts';
import { localTools } from './localTools.ts';
import { pinnedKeys } from './pinnedKeys.ts';
import { slotLimits } from './slotLimits.ts';

/** What of an agent tests put something of their own in front of. */
export interface AgentParts {
  readonly clock: Clock;
  readonly openDisk: typeof openAgentDisk;
  readonly driverFor: typeof driverFor;
  readonly slotLimits: typeof slotLimits;
  /** The way to the server, instead of the one that the spec names. */
  readonly link: () => ServerLink;
}

const PARTS: Omit<AgentParts, 'link'> = {
  clock: systemClock,
  openDisk: openAgentDisk,
  driverFor,
  slotLimits,
};

/** Starts one agent. Rejects with an {@link AgentStartError}, having let go of its directory again. */
export async function startAgent(spec: AgentSpec, logger: Logger, parts: Partial<AgentParts> = {}): Promise<Agent> {
  const { clock, openDisk, driverFor, slotLimits, link } = { ...PARTS, ...parts };
  const refuse = (says: string, usage: boolean, cause?: unknown) =>
    new AgentStartError(`agent ${spec.name}: ${says}`, usage, { cause });
  const token = link === undefined ? readToken(spec.tokenFile, refuse) : null;
  const self: { agent?: Agent } = {};
  const target = () => self.agent?.target ?? { ...spec, role: spec.role ?? '' };
  const tools = localTools(target, token === null ? null : { origin: httpOrigin(spec.server), token }, clock);
  const slots = Object.entries(spec.slots).map(([name, slot]): AgentSlotOptions => {
    const driver = driverFor(name, slot, tools);
    if (!driver.ok) throw refuse(driver.error, true);
    return { name, driver: driver.value, limits: slotLimits(slot, spec.checks), order: orderOf(name) };
  });
  const pinned = pinnedKeys(spec.trust, (says) => refuse(says, true));
  const linkTo = link ?? linkOf(spec, token ?? '', { clock, logger });
  const disk = await openDisk(spec.directory, clock, systemEntropy, bootOfMachine()).catch((error: unknown) => {
    throw error instanceof AgentDiskError ? refuse(error.message, false, error) : error;
  });
  try {
    const { name, service, role, labels, metrics, checks, guard } = spec;
    const agent = await Agent.open({
      target: { name, service, role: role ?? '', labels },
      disk,
      verifier: ed25519,
      trust: { pinned, neverFirst: guard.neverFirst },
      requests: takeBackRequests(spec.directory),
      link: linkTo(),
      clock,
      logger,
      slots,
      checks: checks.map((check) => localCheck(check, tools.host)),
      metrics: metrics && { scrape: prometheusScrape(metrics, tools.host), everyMs: metrics.everyMs },
    });
    self.agent = agent;
    agent.start();
    logger.info(`the agent of ${name} runs, as ${disk.uid}`, { uid: disk.uid, server: spec.server });
    return agent;
  } catch (error) {
    await disk.close();
    throw error instanceof AgentDiskError ? refuse(error.message, false, error) : error;
  }
}

/** Where the same server answers to plain HTTP. */
function httpOrigin(server: string): string {
  const { protocol, host } = new URL(server);
  return `${protocol.replace('ws', 'http')}//${host}`;
}

function linkOf(
  { server }: AgentSpec,
  token: string,
  parts: { readonly clock: Clock; readonly logger: Logger },
): () => ServerLink {
  return () => createOpampLink({ url: server, token, entropy: systemEntropy, ...parts });
}

function readToken(file: string, refuse: (says: string, usage: boolean, cause?: unknown) => AgentStartError): string {
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw refuse(`cannot read its token: ${(error as Error).message}`, true, error);
  }
  // What is in the file is never shown: it may be a good token with something after it.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw refuse(`${file} does not hold a token: expected one line without spaces`, true);
  return token;
}

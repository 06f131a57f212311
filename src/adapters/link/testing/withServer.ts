import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { Entropy } from '../../../engine/ports/entropy.ts';
import type { Logger } from '../../../engine/ports/logger.ts';
import type { OpampLimits } from '../server/opampLimits.ts';
import { type OpampServer, type OpampServerOptions, startOpampServer } from '../server/opampServer.ts';
import { openWebSocket, ourAgent, RawHttp } from './rawAgent.ts';
import { SkippingClock } from './skippingClock.ts';
import { TestFleet } from './testFleet.ts';

export interface ServerUnderTest {
  readonly clock: SkippingClock;
  readonly fleet: TestFleet;
  readonly server: OpampServer;
  /** What the server said in its log. */
  readonly log: string[];
  /** Does this when the test ends, whatever its outcome. */
  atEnd(cleanUp: () => unknown): void;
  /** Whether agents that behave are served, over either transport. Rejects when not. */
  stillServes(): Promise<void>;
}

type ServerSettings = Partial<OpampLimits> & Pick<OpampServerOptions, 'tls'>;

/** A test against a server of its own on loopback. */
export function withServer(
  says: string,
  settings: ServerSettings,
  check: (world: ServerUnderTest) => Promise<void>,
): void {
  test(says, { timeout: 60_000 }, async () => {
    const { tls, ...limits } = settings;
    const clock = new SkippingClock();
    const fleet = new TestFleet(clock);
    const log: string[] = [];
    const logger = recordingLogger(log);
    const server = await startOpampServer({
      host: '127.0.0.1',
      port: 0,
      fleet,
      clock,
      entropy,
      limits,
      logger,
      ...(tls && { tls }),
    });
    const cleanUps: (() => unknown)[] = [];
    const stillServes = async () => {
      for (const transport of [await openWebSocket(server.port), new RawHttp(server.port)]) {
        const agent = ourAgent(transport);
        const answer = await agent.sayFull();
        if (answer.errorResponse !== undefined)
          throw new Error(`an agent that behaves was told: ${answer.errorResponse.errorMessage}`);
        await agent.say({ agentDisconnect: {} });
        await transport.close();
      }
    };
    try {
      await check({ clock, fleet, server, log, atEnd: (cleanUp) => cleanUps.push(cleanUp), stillServes });
    } finally {
      for (const cleanUp of cleanUps.reverse()) await cleanUp();
      await server.close();
    }
  });
}

export const entropy: Entropy = { bytes: (count) => randomBytes(count) };

/** Writes every sentence, with its data, into the list. */
export function recordingLogger(log: string[]): Logger {
  const write = (message: string, data: Readonly<Record<string, unknown>> = {}) =>
    log.push(`${message} ${JSON.stringify(data)}`);
  return { debug: write, info: write, warn: write, error: write };
}

import { test } from 'node:test';
import type { LinkLogger } from '../linkLogger.ts';
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
    const write = (fields: Readonly<Record<string, unknown>>, sentence: string) =>
      log.push(`${sentence} ${JSON.stringify(fields)}`);
    const logger: LinkLogger = { info: write, warn: write, error: write };
    const server = await startOpampServer({
      host: '127.0.0.1',
      port: 0,
      fleet,
      clock,
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

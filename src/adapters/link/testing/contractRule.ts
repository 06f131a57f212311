import { test } from 'node:test';
import type { OpampLimits } from '../server/opampLimits.ts';
import { type OpampServer, startOpampServer } from '../server/opampServer.ts';
import { openWebSocket, RawHttp, type RawTransport } from './rawAgent.ts';
import { SkippingClock } from './skippingClock.ts';
import { TestFleet } from './testFleet.ts';
import { entropy, recordingLogger } from './withServer.ts';

export interface ContractWorld {
  readonly clock: SkippingClock;
  readonly fleet: TestFleet;
  readonly server: OpampServer;
  connect(): Promise<RawTransport>;
  /** The other transport of the two. */
  connectOtherwise(): Promise<RawTransport>;
}

/** One rule of the contract, as a test against a server of its own. */
export type Rule = (
  says: string,
  check: (world: ContractWorld) => Promise<void>,
  limits?: Partial<OpampLimits>,
) => void;

export function ruleOver(kind: RawTransport['kind']): Rule {
  return (says, check, limits = {}) => {
    test(says, { timeout: 30_000 }, async () => {
      const clock = new SkippingClock();
      const fleet = new TestFleet(clock);
      const options = { host: '127.0.0.1', port: 0, fleet, clock, entropy, limits, logger: recordingLogger([]) };
      const server = await startOpampServer(options);
      const opened: RawTransport[] = [];
      const connect = async (which: RawTransport['kind']) => {
        const transport = which === 'websocket' ? await openWebSocket(server.port) : new RawHttp(server.port);
        opened.push(transport);
        return transport;
      };
      const otherwise = kind === 'http' ? 'websocket' : 'http';
      try {
        await check({ clock, fleet, server, connect: () => connect(kind), connectOtherwise: () => connect(otherwise) });
      } finally {
        for (const transport of opened) await transport.close();
        await server.close();
      }
    });
  };
}

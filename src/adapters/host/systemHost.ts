import type { Clock } from '../../engine/ports/clock.ts';
import type { Host } from '../../engine/ports/host.ts';
import { connectTcp } from './connectTcp.ts';
import { endLeftOvers } from './endLeftOvers.ts';
import { requestHttp } from './requestHttp.ts';
import { runCommand } from './runCommand.ts';

/** The machine the agent runs on. */
export function systemHost(clock: Clock): Host {
  return {
    run: (command, limits) => runCommand(clock, command, limits),
    endLeftOvers: (variable) => endLeftOvers(clock, variable),
    request: (request) => requestHttp(clock, request),
    connect: (address, limits) => connectTcp(clock, address, limits),
  };
}

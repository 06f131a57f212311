import { err, ok, type Result } from '../../core/kernel/result.ts';
import { changeKindOf, type SlotName } from '../../core/topology/service.ts';
import type { Clock } from '../../engine/ports/clock.ts';
import type { Driver } from '../../engine/ports/driver.ts';
import type { Host } from '../../engine/ports/host.ts';
import type { AgentSlot } from '../../wire/manifest/agent.ts';
import { type AgentKind, isAgentKind } from '../../wire/manifest/changeKind.ts';
import { configDriver } from './config.ts';

/** Makes the driver of one slot. What it returns is a whole `Driver`: a kind that cannot be undone does not type-check. */
export type DriverMaker = (spec: AgentSlot, tools: { readonly host: Host; readonly clock: Clock }) => Driver;

/** Every change kind that agents can carry out, one file each. */
export const DRIVERS = {
  config: configDriver,
} as const satisfies Readonly<Record<AgentKind, DriverMaker>>;

/** The error names the kind and those there are. */
export function driverFor(slot: SlotName, spec: AgentSlot, tools: Parameters<DriverMaker>[1]): Result<Driver, string> {
  const kind = changeKindOf(slot);
  if (isAgentKind(kind)) return ok(DRIVERS[kind](spec, tools));
  return err(
    `${slot}: this agent cannot change things of kind "${kind}"; it knows: ${Object.keys(DRIVERS).join(', ')}`,
  );
}

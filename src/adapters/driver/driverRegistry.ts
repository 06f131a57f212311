import { err, ok, type Result } from '../../core/kernel/result.ts';
import { changeKindOf, type SlotName } from '../../core/topology/service.ts';
import type { Driver } from '../../engine/ports/driver.ts';
import { type AgentKind, isAgentKind } from '../../wire/manifest/changeKind.ts';
import type { AgentSlot, SlotOf } from '../../wire/manifest/slot/agentSlots.ts';
import { configDriver } from './config.ts';
import type { DriverTools } from './driverTools.ts';
import { packageDriver } from './package.ts';
import { scriptDriver } from './script.ts';
import { templateDriver } from './template.ts';
import { webhookDriver } from './webhook.ts';

/** Makes the driver of one slot. What it returns is a whole `Driver`: a kind that cannot be undone does not type-check. */
export type DriverMaker<Kind extends AgentKind> = (spec: SlotOf<Kind>, tools: DriverTools) => Driver;

/** Every change kind that agents can carry out, one file each. In a change of several, those above come into force first. */
export const DRIVERS = {
  package: packageDriver,
  config: configDriver,
  template: templateDriver,
  script: scriptDriver,
  webhook: webhookDriver,
} as const satisfies { readonly [Kind in AgentKind]: DriverMaker<Kind> };

/** The error names the kind and those there are. */
export function driverFor(slot: SlotName, spec: AgentSlot, tools: DriverTools): Result<Driver, string> {
  const kind = changeKindOf(slot);
  if (isAgentKind(kind) && kind === spec.kind) return ok((DRIVERS[kind] as DriverMaker<AgentKind>)(spec, tools));
  return err(
    `${slot}: this agent cannot change things of kind "${kind}"; it knows: ${Object.keys(DRIVERS).join(', ')}`,
  );
}

/** What comes into force first of a change of several slots has the lower one. */
export function orderOf(slot: SlotName): number {
  return Object.keys(DRIVERS).indexOf(changeKindOf(slot));
}

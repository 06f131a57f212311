import { type DriverTools, driverFor } from '../../adapters/driver/driverRegistry.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { Driver } from '../../engine/ports/driver.ts';
import type { AgentSlot } from '../../wire/manifest/slot/agentSlots.ts';

/** How another process of ours makes the driver of a slot. JSON can hold it. */
export interface DriverSource {
  readonly slot: SlotName;
  readonly spec: AgentSlot;
}

/** Rejects where there is no such kind. */
export async function driverFrom({ slot, spec }: DriverSource, tools: DriverTools): Promise<Driver> {
  const driver = driverFor(slot, spec, tools);
  if (!driver.ok) throw new Error(driver.error);
  return driver.value;
}

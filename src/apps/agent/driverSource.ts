import { driverFor } from '../../adapters/driver/driverRegistry.ts';
import type { DriverTools } from '../../adapters/driver/driverTools.ts';
import type { TemplateFacts } from '../../core/topology/labelTemplate.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { Driver } from '../../engine/ports/driver.ts';
import type { AgentSlot } from '../../wire/manifest/slot/agentSlots.ts';

/** How another process of ours makes the driver of a slot. JSON can hold it. */
export interface DriverSource {
  readonly slot: SlotName;
  readonly spec: AgentSlot;
  /** Who the target is. */
  readonly target: TemplateFacts;
}

/** Rejects where there is no such kind. */
export async function driverFrom(
  { slot, spec, target }: DriverSource,
  tools: Omit<DriverTools, 'target'>,
): Promise<Driver> {
  const driver = driverFor(slot, spec, { ...tools, target: () => target });
  if (!driver.ok) throw new Error(driver.error);
  return driver.value;
}

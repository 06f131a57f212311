import type { DriverTools } from '../../src/adapters/driver/driverTools.ts';
import { PLACE_TARGET } from '../../src/adapters/driver/testing/places/placeTarget.ts';
import { localTools } from '../../src/apps/agent/localTools.ts';

/** What drivers work with in tests: this machine, and no control plane. */
export function driverTools(target: DriverTools['target'] = () => PLACE_TARGET): DriverTools {
  return localTools(target);
}

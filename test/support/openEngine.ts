import { randomBytes } from 'node:crypto';
import { createCalendar } from '../../src/adapters/calendar/createCalendar.ts';
import { createRules } from '../../src/adapters/rules/createRules.ts';
import { createSigner } from '../../src/adapters/signing/createSigner.ts';
import { memoryVault } from '../../src/adapters/signing/testing/memoryVault.ts';
import { openSqliteStore } from '../../src/adapters/store/sqlite/openSqliteStore.ts';
import { createControlPlane } from '../../src/engine/controlplane/createControlPlane.ts';
import type { Store } from '../../src/engine/ports/store.ts';
import type { ManualClock } from './manualClock.ts';
import { trackedStore } from './trackedStore.ts';

export interface OpenEngine {
  readonly store: Store;
  readonly plane: Awaited<ReturnType<typeof createControlPlane>>;
}

/** The engine with everything that is real beside it, on a clock that the test owns. Whoever opens it again gives the same vault. */
export async function openEngine(directory: string, clock: ManualClock, vault = memoryVault()): Promise<OpenEngine> {
  const { store, idle } = trackedStore(await openSqliteStore(directory));
  clock.settled = idle;
  const entropy = { bytes: (count: number) => new Uint8Array(randomBytes(count)) };
  const plane = await createControlPlane({
    store,
    clock,
    calendar: createCalendar(),
    rules: createRules(),
    entropy,
    signer: await createSigner(vault, entropy),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  return { store, plane };
}

import type { DiskWatch } from './diskWatch.ts';
import type { Instance } from './fleetLayout.ts';
import type { ConfigRun } from './shop/shopRecord.ts';
import type { ShopFiles } from './shopFiles.ts';
import type { Seen, Traffic } from './traffic.ts';

/** One shop that runs, with everything that can be asked of it without asking Ringfence. */
export interface RunningShop {
  readonly instance: Instance;
  readonly files: ShopFiles;
  readonly port: number;
}

/** The shops, their customers, and the eye on their disks. */
export interface RunningFleet {
  readonly shops: readonly RunningShop[];
  readonly disks: DiskWatch;
  readonly traffic: Traffic;
}

/** What the shops and their customers say at one moment. */
export interface Snapshot {
  readonly atMs: number;
  readonly runs: ReadonlyMap<string, readonly ConfigRun[]>;
  readonly seen: ReadonlyMap<string, Seen>;
}

export async function takeSnapshot(fleet: RunningFleet): Promise<Snapshot> {
  fleet.disks.look();
  const atMs = Date.now();
  const seen = fleet.traffic.seen();
  const runs = await Promise.all(
    fleet.shops.map(async ({ instance, port }) => {
      const { runs } = (await askShop(port, '/history')) as { runs: readonly ConfigRun[] };
      return [instance.name, runs] as const;
    }),
  );
  return { atMs, runs: new Map(runs), seen };
}

/** What each running shop says it runs with, as `sha256:…`, by name; `null` for one that does not answer. */
export async function digestsInForce(fleet: RunningFleet): Promise<ReadonlyMap<string, string | null>> {
  const answers = fleet.shops.map(async ({ instance, port }) => {
    try {
      const { digest } = (await askShop(port, '/config')) as { digest: string };
      return [instance.name, `sha256:${digest}`] as const;
    } catch {
      return [instance.name, null] as const;
    }
  });
  return new Map(await Promise.all(answers));
}

async function askShop(port: number, path: string): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5000) });
  return response.json();
}

import { systemClock } from '../../adapters/clock/systemClock.ts';
import type { DriverTools } from '../../adapters/driver/driverTools.ts';
import { type ControlPlanePackages, resumableDownloads } from '../../adapters/host/resumableDownloads.ts';
import { systemHost } from '../../adapters/host/systemHost.ts';
import { ed25519 } from '../../adapters/signing/ed25519.ts';

/** What drivers work with on this machine. `controlPlane`: where packages lie that have no URL of their own; left out: nowhere. */
export function localTools(
  target: DriverTools['target'],
  controlPlane: ControlPlanePackages | null = null,
  clock = systemClock,
): DriverTools {
  const host = systemHost(clock);
  return { host, clock, target, downloads: resumableDownloads(clock, controlPlane), verifier: ed25519 };
}

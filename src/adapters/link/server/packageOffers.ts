import { create } from '@bufbuild/protobuf';
import { parse as parseYaml } from 'yaml';
import type { Fleet } from '../../../engine/ports/fleet.ts';
import type { Logger } from '../../../engine/ports/logger.ts';
import { readOpampPackage } from '../../../wire/manifest/opampPackage.ts';
import {
  type PackagesAvailable,
  PackagesAvailableSchema,
  PackageType,
} from '../../../wire/opamp/generated/opamp_pb.ts';
import { type ForeignPackages, hexOf } from './foreignPackages.ts';

/** The message that offers these packages; `null` when what describes one of them cannot be had, for a part of them would remove the rest. */
export async function packagesMessage(
  { hash, packages }: ForeignPackages,
  fleet: Pick<Fleet, 'artifact'>,
  logger: Logger,
): Promise<PackagesAvailable | null> {
  const offered: Record<string, object> = {};
  for (const { slot, name, artifact } of packages) {
    if (artifact === null) continue;
    try {
      const bytes = await fleet.artifact(artifact);
      const read = readOpampPackage(parseYaml(Buffer.from(bytes ?? []).toString('utf8'), { maxAliasCount: 100 }));
      if (!read.ok) throw new Error(read.error.join('; '));
      const { version, url, sha256, signature, type } = read.value;
      offered[name] = {
        type: type === 'addon' ? PackageType.ADDON : PackageType.TOP_LEVEL,
        version,
        // What tells our revisions apart, and comes back in the agent's reports.
        hash: Uint8Array.fromHex(hexOf(artifact)),
        file: {
          downloadUrl: url,
          contentHash: Uint8Array.fromHex(sha256),
          ...(signature === undefined ? {} : { signature: Buffer.from(signature, 'base64') }),
        },
      };
    } catch (error) {
      const says = error instanceof Error ? error.message : String(error);
      logger.error(`cannot offer ${slot} to agents: ${says}`, { slot, artifact });
      return null;
    }
  }
  return create(PackagesAvailableSchema, { packages: offered, allPackagesHash: Uint8Array.fromHex(hash) });
}

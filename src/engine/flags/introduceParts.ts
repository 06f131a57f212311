import { createHash } from 'node:crypto';
import type { Service } from '../../core/topology/service.ts';
import { partsOf } from '../../core/topology/userShares.ts';
import type { ControlPlane } from '../ports/controlPlane.ts';

/** The uid of one part of the users: always the same one, so that waves of a rollout take in the same parts after a restart. */
export function partUid(service: string, role: string, index: number): string {
  return createHash('sha256').update(`users\n${service}\n${role}\n${index}`).digest('hex').slice(0, 32);
}

/** Makes targets of the parts of a service's users, and says that they are there. Gives what stood in the way of one; `null`: nothing. */
export async function introduceParts(
  { fleet }: Pick<ControlPlane, 'fleet'>,
  service: Service,
  isOver: () => boolean,
): Promise<string | null> {
  for (const [role, shares] of Object.entries(service.shares ?? {})) {
    for (const [index, { name, ring }] of partsOf(role, shares).entries()) {
      if (isOver()) return null;
      const uid = partUid(service.name, role, index);
      try {
        const introduced = await fleet.introduce({ uid, name, service: service.name, role, labels: { ring } });
        if (!introduced.ok) return introduced.error.says;
      } catch (error) {
        return String(error);
      }
    }
  }
  return null;
}

import { z } from 'zod';
import { count, named } from './schema.ts';

const share = z.number().min(0).max(1);

/** How far something reaches. */
export const reachBody = named(
  'Reach',
  z.object({
    targets: count,
    share: share.describe('of the targets of the roles'),
    traffic: share
      .nullable()
      .describe('of the traffic of the role in which that is greatest; null: nobody knows of any traffic'),
  }),
);
export type ReachBody = z.infer<typeof reachBody>;

/** A service at so many steps from another one. */
export const neighbourBody = named(
  'Neighbour',
  z.object({
    service: z.string(),
    distance: z.int().positive().describe('1: directly'),
    registered: z.boolean().describe('false: known from a catalogue alone; nothing can be rolled out to it'),
  }),
);
export type NeighbourBody = z.infer<typeof neighbourBody>;

export const blastRadiusBody = named(
  'BlastRadius',
  z.object({
    ...reachBody.shape,
    unknownTraffic: count.describe('targets whose traffic is not known: each counts as the average of its role'),
    dependents: z.array(neighbourBody).describe('services that need this one, by distance'),
    dependencies: z.array(neighbourBody).describe('services that this one needs, by distance'),
  }),
);

export const rolloutBlastBody = named(
  'RolloutBlast',
  z.object({
    now: reachBody.describe('what is open; a rollback leaves that standing until everybody is back'),
    promoted: z
      .object({ stage: z.string(), reach: reachBody })
      .nullable()
      .describe('once the next stage is open as well; null: there is none, or it does not go forward'),
    dependents: z.array(neighbourBody).describe('services that need this one, by distance'),
    dependencies: z.array(neighbourBody).describe('services that this one needs, by distance'),
    unknownTraffic: count.describe('targets whose traffic is not known: each counts as the average of its role'),
  }),
);
export type RolloutBlastBody = z.infer<typeof rolloutBlastBody>;

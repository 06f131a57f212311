import { z } from 'zod';
import { count, digest, named } from './schema.ts';

/** How a target stands, the most urgent first. */
export const TARGET_STANDINGS = [
  'gone', // not connected
  'failed',
  'unwell', // a check of its own fails
  'reverting',
  'changing',
  'behind', // told to change, and has not begun
  'unheard', // has not reported since the server started
  'settled',
] as const;
export type TargetStanding = (typeof TARGET_STANDINGS)[number];

/**
 * What became different in the fleet since a cursor, in columns: the fleet may be very large. Targets are numbered from 0 in the order in
 * which they enrolled; `kinds` and `holdings` are numbered too, and only ever grow.
 */
export const fleetChange = named(
  'FleetChange',
  z.object({
    cursor: z.string().describe('what to pass as `fleet` to hear of everything after this'),
    reset: z.boolean().describe('true: forget what was known, this begins anew'),
    total: count.describe('how many targets there are; those that are not told of yet follow at once'),
    kinds: z
      .array(z.object({ service: z.string(), role: z.string(), labels: z.record(z.string(), z.string()) }))
      .describe('those that are new: what targets may be alike in'),
    holdings: z
      .array(
        z.object({
          service: z.string(),
          slots: z
            .record(z.string(), z.object({ digest: digest.nullable(), isBaseline: z.boolean() }))
            .nullable()
            .describe(
              'what is in force in each slot (null: unknown), and whether that is what stood there before the first change; a slot to ' +
                'which nothing was ever assigned is left out. null: nobody knows what such a target holds',
            ),
        }),
      )
      .describe('those that are new: what targets may be alike in that they hold'),
    joined: z.object({ uids: z.array(z.string()), names: z.array(z.string()) }).describe('the next ones, in order'),
    changed: z
      .object({
        at: z.array(count),
        standings: z.array(z.enum(TARGET_STANDINGS)),
        kinds: z.array(count),
        holdings: z.array(count),
      })
      .describe('how each of these targets stands now; whoever has just joined is among them'),
  }),
);
export type FleetChangeBody = z.infer<typeof fleetChange>;

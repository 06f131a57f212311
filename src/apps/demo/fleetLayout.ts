import type { ShopRole } from './shop/routes.ts';

export const REGIONS = ['eu', 'us', 'ap'] as const;
export type Region = (typeof REGIONS)[number];
export const RINGS = ['canary', 'pilot', 'broad'] as const;
export type Ring = (typeof RINGS)[number];

/** One of the demo's 24 shops, and the target it is to Ringfence. */
export interface Instance {
  readonly name: string;
  readonly role: ShopRole;
  readonly ring: Ring;
  readonly region: Region;
}

/** Per region four of each role; per ring as many of the one role as of the other: 2 canary, 6 pilot, 16 broad. */
const RINGS_BY_REGION: Readonly<Record<Region, Readonly<Record<ShopRole, readonly Ring[]>>>> = {
  eu: { web: ['canary', 'pilot', 'broad', 'broad'], api: ['pilot', 'broad', 'broad', 'broad'] },
  us: { web: ['pilot', 'broad', 'broad', 'broad'], api: ['canary', 'pilot', 'broad', 'broad'] },
  ap: { web: ['pilot', 'broad', 'broad', 'broad'], api: ['pilot', 'broad', 'broad', 'broad'] },
};

/** The fleet: `web-eu-1` and its 23 fellows. */
export const FLEET: readonly Instance[] = REGIONS.flatMap((region) =>
  (['web', 'api'] as const).flatMap((role) =>
    RINGS_BY_REGION[region][role].map((ring, index) => ({
      name: `${role}-${region}-${index + 1}`,
      role,
      ring,
      region,
    })),
  ),
);

export function inRing(ring: Ring): readonly Instance[] {
  return FLEET.filter((instance) => instance.ring === ring);
}

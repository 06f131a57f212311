import { place } from '../kernel/place.ts';

/**
 * A role whose members are not hosts but equal parts of a service's users, by ring: `{ canary: 1, rest: 99 }` is a hundred parts. Each
 * part is a target like any other: stages select it by its ring, waves take it in, and a rollback takes it back.
 */
export type UserShares = Readonly<Record<string, number>>;

/** How many parts the users of one role may be cut into. */
export const MOST_PARTS = 1000;

export interface UserPart {
  /** What the target is called: `users-canary-1`. */
  readonly name: string;
  readonly ring: string;
}

/** The parts in the order in which users fall on them: by the names of their rings, whatever the order they were written in. */
export function partsOf(role: string, shares: UserShares): readonly UserPart[] {
  return Object.keys(shares)
    .sort()
    .flatMap((ring) =>
      Array.from({ length: shares[ring] ?? 0 }, (_, index) => ({ name: `${role}-${ring}-${index + 1}`, ring })),
    );
}

/** The index of the part that this user belongs to: always the same one, as long as the shares are. */
export function partOfUser(service: string, role: string, parts: number, targetingKey: string): number {
  return Math.floor(place(`users/${service}/${role}`, targetingKey) * parts);
}

import { changeKindOf } from '../../core/topology/service.ts';
import { MOST_PARTS, type UserShares } from '../../core/topology/userShares.ts';
import { always, asList, asMapping, entries, mistake } from './fields.ts';
import { name, wholeNumber } from './scalars.ts';

type Sink = Parameters<typeof mistake>[0];

/** The parts that a role's users are cut into, by ring. */
export const shares = entries(
  'a mapping of rings to parts, such as { canary: 1, rest: 99 }',
  name,
  wholeNumber(1, MOST_PARTS),
  1,
)
  .superRefine((found: unknown, sink) => {
    const parts = Object.values(asMapping(found)).reduce<number>((sum, each) => sum + Number(each), 0);
    if (parts > MOST_PARTS) mistake(sink, [], `at most ${MOST_PARTS} parts together`, { found: `${parts} parts` });
  }, always)
  .describe(
    'the members of this role are equal parts of the users, so many in each ring; each is a target with the label ring',
  );

/** Users are cut into parts once, and hold only what the server itself can give them. */
export function sharesFit(found: unknown, sink: Sink): void {
  const { roles, slots } = asMapping(found);
  const shared = Object.entries(asMapping(roles))
    .filter(([, role]) => asMapping(role).shares !== undefined)
    .map(([name]) => name);
  for (const name of shared.slice(1))
    mistake(sink, ['roles', name, 'shares'], `shares in one role alone, and "${shared[0]}" has them`);
  for (const [slot, spec] of Object.entries(asMapping(slots))) {
    if (changeKindOf(slot) === 'flags') continue;
    const written = asMapping(spec).roles;
    const named = written === undefined ? Object.keys(asMapping(roles)) : asList(written);
    const wrong = shared.find((name) => named.includes(name));
    if (wrong !== undefined)
      mistake(sink, ['slots', slot], `roles without "${wrong}": shares of users hold flags and nothing else`);
  }
}

/** What of a service its roles say. */
export function sharesOf(roles: Readonly<Record<string, { readonly shares?: UserShares | undefined }>>): {
  readonly shares?: Readonly<Record<string, UserShares>>;
} {
  const found = Object.entries(roles).flatMap(([role, { shares }]) => (shares === undefined ? [] : [[role, shares]]));
  return found.length === 0 ? {} : { shares: Object.fromEntries(found) };
}

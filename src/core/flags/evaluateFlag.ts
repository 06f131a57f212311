import { assert } from '../kernel/assert.ts';
import type { Json } from '../kernel/canonicalJson.ts';
import { place } from '../kernel/place.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Flag, Portion, Serving } from './flagSet.ts';

/** For whom a flag is evaluated. */
export interface FlagUser {
  /** Who it is, always by the same name; `null`: nobody said. */
  readonly targetingKey: string | null;
  readonly context: Readonly<Record<string, unknown>>;
}

/** Whether an expression is true of this user. An error says why that cannot be told. */
export type Targeting = (when: string, user: FlagUser) => Result<boolean, string>;

/** Why this value, in the words of OpenFeature. */
export type FlagReason = 'STATIC' | 'DEFAULT' | 'TARGETING_MATCH' | 'SPLIT' | 'DISABLED';

export interface FlagValue {
  readonly variant: string;
  readonly value: Json;
  readonly reason: FlagReason;
}

export interface FlagFault {
  readonly code: 'TARGETING_KEY_MISSING' | 'INVALID_CONTEXT';
  readonly says: string;
}

/**
 * The value of one flag for one user. Pure: the same flag, user and targeting give the same value everywhere and for ever, so a flag
 * that goes back serves every user exactly what it served before.
 */
export function evaluateFlag(
  key: string,
  flag: Flag,
  user: FlagUser,
  targeting: Targeting,
): Result<FlagValue, FlagFault> {
  if (flag.disabled !== null) return ok(served(flag, flag.disabled, 'DISABLED'));
  for (const { when, serving } of flag.rules) {
    const met = targeting(when, user);
    if (!met.ok) return err({ code: 'INVALID_CONTEXT', says: `rule "${when}": ${met.error}` });
    if (met.value) return serve(key, flag, serving, user, 'TARGETING_MATCH');
  }
  return serve(key, flag, flag.otherwise, user, flag.rules.length === 0 ? 'STATIC' : 'DEFAULT');
}

function serve(
  key: string,
  flag: Flag,
  serving: Serving,
  { targetingKey }: FlagUser,
  reason: FlagReason,
): Result<FlagValue, FlagFault> {
  if ('variant' in serving) return ok(served(flag, serving.variant, reason));
  if (targetingKey === null) {
    const says = 'the flag is split over users, and without a targetingKey nobody knows which one this is';
    return err({ code: 'TARGETING_KEY_MISSING', says });
  }
  return ok(served(flag, portionAt(serving.split, place(`flag/${key}`, targetingKey)), 'SPLIT'));
}

/**
 * The variant on which a place in [0, 1) falls. A user's place never changes, and portions lie in the order in which they are
 * written: when the first one grows at the expense of the others, nobody who had it loses it.
 */
function portionAt(split: readonly Portion[], where: number): string {
  const whole = split.reduce((sum, { weight }) => sum + weight, 0);
  let reached = 0;
  for (const { variant, weight } of split) {
    reached += weight;
    if (where * whole < reached) return variant;
  }
  const last = split.at(-1);
  assert(last !== undefined, 'a split has a portion');
  return last.variant;
}

function served({ variants }: Flag, variant: string, reason: FlagReason): FlagValue {
  const value = variants[variant];
  assert(value !== undefined, `a flag serves variants of its own, and not ${variant}`);
  return { variant, value, reason };
}

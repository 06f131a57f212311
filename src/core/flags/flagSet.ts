import type { Json } from '../kernel/canonicalJson.ts';

/** What the variants of a flag are. */
export const FLAG_TYPES = ['boolean', 'string', 'number', 'object'] as const;
export type FlagType = (typeof FLAG_TYPES)[number];

/** The flags that one slot holds, by key. */
export type FlagSet = ReadonlyMap<string, Flag>;

export interface Flag {
  readonly type: FlagType;
  /** By name; every value is of the flag's type. */
  readonly variants: Readonly<Record<string, Json>>;
  /** The variant that everybody is served, whatever the rules say, because the flag is switched off; `null`: it is not. */
  readonly disabled: string | null;
  /** In order; the first one that is met decides. */
  readonly rules: readonly FlagRule[];
  /** For whom no rule is met. */
  readonly otherwise: Serving;
}

export interface FlagRule {
  /** An expression in CEL over `context` and `targetingKey`. */
  readonly when: string;
  readonly serving: Serving;
}

/** One variant for everybody, or a stable share of users for each. */
export type Serving = { readonly variant: string } | { readonly split: readonly Portion[] };

/** Portions lie one after the other in the order in which they are written. */
export interface Portion {
  readonly variant: string;
  /** Above 0; what counts is its share of the sum. */
  readonly weight: number;
}

/** What kind of value this is, as flags know them; `null`: none that a flag may have. */
export function flagTypeOf(value: unknown): FlagType | null {
  if (typeof value === 'boolean' || typeof value === 'string') return typeof value as FlagType;
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : null;
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? 'object' : null;
}

import type { FlagReason, Targeting } from '../../core/flags/evaluateFlag.ts';
import type { FlagSet } from '../../core/flags/flagSet.ts';
import type { Json } from '../../core/kernel/canonicalJson.ts';
import type { Result } from '../../core/kernel/result.ts';

/** Reads what slots of the kind `flags` hold. */
export interface FlagReader {
  /** The flags in these bytes, with every rule found good; the errors have a sentence each. Synchronous, bounded, never throws. */
  read(bytes: Uint8Array): Result<ReadFlags, readonly string[]>;
}

export interface ReadFlags {
  readonly flags: FlagSet;
  /** Of the rules of these flags. Pure. */
  readonly targeting: Targeting;
}

/** Evaluates flags, from memory. What is asked for is never waited for. */
export interface Flags {
  evaluate(key: string, context: FlagContext): FlagAnswer;
  /** Every flag there is for this context, by key. */
  evaluateAll(context: FlagContext): Result<readonly FlagAnswer[], FlagProblem>;
}

/** As whoever asks sent it. `ringfence.service`, `ringfence.target` and `targetingKey` say for whom it is. */
export type FlagContext = Readonly<Record<string, unknown>>;

export type FlagAnswer =
  | {
      readonly key: string;
      readonly value: Json;
      readonly variant: string;
      readonly reason: FlagReason;
      readonly metadata: Readonly<Record<string, string>>;
    }
  | (FlagProblem & { readonly key: string });

/** In the words of OpenFeature. */
export interface FlagProblem {
  readonly errorCode: 'FLAG_NOT_FOUND' | 'TARGETING_KEY_MISSING' | 'INVALID_CONTEXT' | 'GENERAL';
  readonly errorDetails: string;
}

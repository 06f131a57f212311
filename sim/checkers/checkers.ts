import type { Truth } from '../truth.ts';
import type { Judge, LawName } from './checker.ts';
import { law1 } from './law1.ts';

/** Every law that is watched. */
export const CHECKERS: readonly { readonly law: LawName; readonly make: (truth: Truth) => Judge }[] = [
  { law: 'law-1', make: law1 },
];

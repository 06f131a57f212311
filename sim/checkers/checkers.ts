import type { Truth } from '../truth.ts';
import type { Judge, LawName } from './checker.ts';
import { law1 } from './law1.ts';
import { law2 } from './law2.ts';
import { law3 } from './law3.ts';
import { law4 } from './law4.ts';
import { law5 } from './law5.ts';
import { law6 } from './law6.ts';
import { law7 } from './law7.ts';
import { law8 } from './law8.ts';
import { law9 } from './law9.ts';
import { law10 } from './law10.ts';
import { law11 } from './law11.ts';
import { law12 } from './law12.ts';
import { law13 } from './law13.ts';
import { law14 } from './law14.ts';
import { law15 } from './law15.ts';
import { law16 } from './law16.ts';
import { law17 } from './law17.ts';
import { law18 } from './law18.ts';
import { law19 } from './law19.ts';
import { law20 } from './law20.ts';
import { law21 } from './law21.ts';
import { law22 } from './law22.ts';
import { law23 } from './law23.ts';

/** Every law that is watched, in order. */
export const CHECKERS: readonly { readonly law: LawName; readonly make: (truth: Truth) => Judge }[] = [
  { law: 'law-1', make: law1 },
  { law: 'law-2', make: law2 },
  { law: 'law-3', make: law3 },
  { law: 'law-4', make: law4 },
  { law: 'law-5', make: law5 },
  { law: 'law-6', make: law6 },
  { law: 'law-7', make: law7 },
  { law: 'law-8', make: law8 },
  { law: 'law-9', make: law9 },
  { law: 'law-10', make: law10 },
  { law: 'law-11', make: law11 },
  { law: 'law-12', make: law12 },
  { law: 'law-13', make: law13 },
  { law: 'law-14', make: law14 },
  { law: 'law-15', make: law15 },
  { law: 'law-16', make: law16 },
  { law: 'law-17', make: law17 },
  { law: 'law-18', make: law18 },
  { law: 'law-19', make: law19 },
  { law: 'law-20', make: law20 },
  { law: 'law-21', make: law21 },
  { law: 'law-22', make: law22 },
  { law: 'law-23', make: law23 },
];

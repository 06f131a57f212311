import { z } from 'zod';
import type { Size } from '../../core/topology/capacity.ts';
import { pattern, wholeNumber } from './scalars.ts';

const SIZE = 'a number of targets such as 1, or a share such as 50%';

/** `1` is a number of targets, `12.5%` a share of them. */
export const size = z
  .union([wholeNumber(1, 1_000_000, SIZE), pattern(SIZE, /^(?:100(?:\.0+)?|[0-9]{1,2}(?:\.[0-9]{1,6})?)%$/)], {
    error: SIZE,
  })
  .refine((found) => typeof found === 'number' || Number.parseFloat(found) > 0, { error: SIZE })
  .transform(
    (found): Size => (typeof found === 'number' ? { count: found } : { share: Number.parseFloat(found) / 100 }),
  );

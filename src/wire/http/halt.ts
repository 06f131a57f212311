import { z } from 'zod';
import { instant, named } from './schema.ts';

/** Whether the line is stopped, fleet-wide, and by whom. Nothing moves forward while it is; rollbacks do. */
export const haltBody = named(
  'Halt',
  z.object({ halt: z.object({ by: z.string(), reason: z.string(), at: instant }).nullable() }),
);
export type HaltBody = z.infer<typeof haltBody>;

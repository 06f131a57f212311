import { z } from 'zod';
import { digest, instant, named, pageOf } from './schema.ts';

export const changeBody = named(
  'Change',
  z.object({
    digest,
    name: z.string(),
    service: z.string(),
    roles: z.array(z.string()),
    slots: z.record(z.string(), digest).describe('the artifact each slot is to hold'),
    reason: z.string(),
    author: z.string(),
    quarantine: z
      .object({ rollout: z.string(), says: z.string(), at: instant })
      .nullable()
      .describe('why nothing brings this change back by itself'),
  }),
);
export type ChangeBody = z.infer<typeof changeBody>;

export const changePage = pageOf('ChangePage', changeBody);
export type ChangePage = z.infer<typeof changePage>;

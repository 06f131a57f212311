import { z } from 'zod';
import { TOKEN_ROLES } from '../../core/policy/authority.ts';
import { operation } from './operation.ts';
import { named } from './schema.ts';

/** Who the server takes the caller for. */
export const callerBody = named(
  'Caller',
  z.object({
    person: z.string().describe('name of the token: tokens of one name are one person'),
    role: z.enum(TOKEN_ROLES),
    token: z
      .string()
      .nullable()
      .describe('id of the token; null for who sent none, on a server with anonymous viewers'),
  }),
);
export type CallerBody = z.infer<typeof callerBody>;

export const getCaller = operation({
  id: 'getCaller',
  method: 'GET',
  path: '/v1/caller',
  tag: 'tokens',
  summary: 'Who the token that is sent stands for, and its role',
  access: 'knowOneself',
  answers: { 200: { says: 'The person and the role.', schema: callerBody } },
  problems: [],
});

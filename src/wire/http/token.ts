import { z } from 'zod';
import { TOKEN_ROLES } from '../../core/policy/authority.ts';
import { operation, STORE_PROBLEMS } from './operation.ts';
import { idParams, instant, named, pageOf, pageQuery } from './schema.ts';

export const tokenBody = named(
  'Token',
  z.object({ id: z.string(), role: z.enum(TOKEN_ROLES), name: z.string(), issuedAt: instant }),
);
export type TokenBody = z.infer<typeof tokenBody>;

export const tokenPage = pageOf('TokenPage', tokenBody);
export type TokenPage = z.infer<typeof tokenPage>;

export const tokenRequest = named(
  'TokenRequest',
  z.strictObject({
    role: z
      .enum(TOKEN_ROLES)
      .describe(
        'what its holder may do; `agent` may connect as a target, `flags` may evaluate flags, `ingest` send metrics, and nothing else',
      ),
    name: z
      .string()
      .trim()
      .min(1)
      .max(128)
      .describe('whose it is: tokens of one name are one person; for an agent, what for'),
  }),
);
export type TokenRequest = z.infer<typeof tokenRequest>;

/** The only answer that ever carries the secret. */
export const issuedToken = named('IssuedToken', z.object({ ...tokenBody.shape, secret: z.string() }));
export type IssuedTokenBody = z.infer<typeof issuedToken>;

export const listTokens = operation({
  id: 'listTokens',
  method: 'GET',
  path: '/v1/tokens',
  tag: 'tokens',
  summary: 'Tokens that are in force, oldest first; never their secrets',
  access: 'secure',
  query: pageQuery,
  answers: { 200: { says: 'One page of tokens.', schema: tokenPage } },
  problems: [],
});

export const issueToken = operation({
  id: 'issueToken',
  method: 'POST',
  path: '/v1/tokens',
  tag: 'tokens',
  summary: 'Make a token. Its secret is in this answer and nowhere else',
  access: 'secure',
  body: tokenRequest,
  answers: { 201: { says: 'The token with its secret.', schema: issuedToken } },
  problems: STORE_PROBLEMS,
});

export const revokeToken = operation({
  id: 'revokeToken',
  method: 'DELETE',
  path: '/v1/tokens/:id',
  tag: 'tokens',
  summary: 'Revoke a token, at once',
  access: 'secure',
  params: idParams,
  answers: { 204: { says: 'It is no longer in force.', schema: null } },
  problems: ['unknown-token', 'in-use', 'not-possible-now', ...STORE_PROBLEMS],
});

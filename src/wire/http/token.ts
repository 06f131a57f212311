import { z } from 'zod';
import { instant, named, pageOf } from './schema.ts';

const TOKEN_ROLES = ['admin', 'viewer', 'agent'] as const;

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
    role: z.enum(TOKEN_ROLES).describe('`admin` may do everything, `viewer` may read, `agent` may connect as a target'),
    name: z.string().trim().min(1).max(128).describe('whose it is, or what for'),
  }),
);
export type TokenRequest = z.infer<typeof tokenRequest>;

/** The only answer that ever carries the secret. */
export const issuedToken = named('IssuedToken', z.object({ ...tokenBody.shape, secret: z.string() }));
export type IssuedTokenBody = z.infer<typeof issuedToken>;

import { z } from 'zod';
import { operation, READ, STORE_PROBLEMS } from './operation.ts';
import { idParams, instant, named, pageOf, pageQuery } from './schema.ts';

export const keyBody = named(
  'SigningKey',
  z.object({
    id: z.string(),
    publicKey: z.string().describe('Ed25519, hexadecimal: what an agent pins (`trust.keys`)'),
    announcedBy: z
      .string()
      .nullable()
      .describe('the key that vouches for it; null: agents take it only when they trust none'),
    addedAt: instant,
    retiredAt: instant.nullable(),
  }),
);
export type KeyBody = z.infer<typeof keyBody>;

export const keyPage = pageOf('SigningKeyPage', keyBody);
export type KeyPage = z.infer<typeof keyPage>;

export const listKeys = operation({
  id: 'listKeys',
  method: 'GET',
  path: '/v1/keys',
  tag: 'keys',
  summary: 'Signing keys of permits and evidence, oldest first: their public halves',
  access: READ,
  query: pageQuery,
  answers: { 200: { says: 'One page of keys.', schema: keyPage } },
  problems: [],
});

export const rotateKey = operation({
  id: 'rotateKey',
  method: 'POST',
  path: '/v1/keys',
  tag: 'keys',
  summary: 'Make a signing key, announced by the present one, and sign with it from then on',
  access: 'secure',
  answers: { 201: { says: 'The new key.', schema: keyBody } },
  problems: STORE_PROBLEMS,
});

export const retireKey = operation({
  id: 'retireKey',
  method: 'DELETE',
  path: '/v1/keys/:id',
  tag: 'keys',
  summary: 'Retire a signing key: what it signed is refused. What is still needed is signed anew with the present key',
  access: 'secure',
  params: idParams,
  answers: { 200: { says: 'The retired key.', schema: keyBody } },
  problems: ['unknown-key', 'in-use', 'not-possible-now', ...STORE_PROBLEMS],
});

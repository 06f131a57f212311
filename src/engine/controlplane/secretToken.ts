import { createHash } from 'node:crypto';
import type { TokenRole } from '../../core/policy/authority.ts';
import type { Token, World } from '../../core/record/world.ts';
import type { Entropy } from '../ports/entropy.ts';

const PREFIX: { readonly [R in TokenRole]: string } = {
  viewer: 'rfv_',
  author: 'rfw_',
  approver: 'rfp_',
  operator: 'rfo_',
  admin: 'rfa_',
  agent: 'rfg_',
  ingest: 'rfi_',
  flags: 'rff_',
};

/** A new bearer token: 256 random bits, with a prefix by which people and secret scanners know it. */
export function newSecret(role: TokenRole, entropy: Entropy): string {
  return PREFIX[role] + Buffer.from(entropy.bytes(32)).toString('base64url');
}

/** What is kept of a token. A plain hash will do: nobody guesses 256 random bits. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Finds tokens by their secret. The look-up is by hash, so its time says nothing about the secret. */
export class TokenIndex {
  #tokens: World['tokens'] | null = null;
  #byHash = new Map<string, Token>();

  find(tokens: World['tokens'], secret: string): Token | null {
    if (this.#tokens !== tokens) {
      this.#tokens = tokens;
      this.#byHash = new Map([...tokens.values()].map((token) => [token.hash, token]));
    }
    return this.#byHash.get(hashSecret(secret)) ?? null;
  }
}

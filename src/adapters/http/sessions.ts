import { createHash, randomBytes } from 'node:crypto';
import type { Instant } from '../../core/kernel/instant.ts';
import type { Token } from '../../core/record/world.ts';
import type { ControlPlane } from '../../engine/ports/controlPlane.ts';

/** A working day and what comes of it. Nobody stays signed in for ever by leaving a tab open. */
const LONGEST_MS = 12 * 3_600_000;
/** Beyond that the oldest ends: signing in again and again costs no memory. */
const MOST_SESSIONS = 1000;

/** A browser that is signed in. */
export interface Session {
  readonly tokenId: string;
  readonly csrf: string;
  readonly expires: Instant;
}

interface Kept extends Session {
  readonly ended: Set<() => void>;
  readonly timer: NodeJS.Timeout;
}

/**
 * The sessions of browsers, in memory alone: a restart signs everybody out. Kept by the hash of their secret, and each bound to the token
 * that was exchanged for it: a session is that token's, may what that token may, and ends with it.
 */
export class Sessions {
  readonly #controlPlane: Pick<ControlPlane, 'world' | 'now'>;
  readonly #kept = new Map<string, Kept>();
  readonly #stopListening: () => void;

  constructor(controlPlane: Pick<ControlPlane, 'world' | 'now' | 'onAppend'>) {
    this.#controlPlane = controlPlane;
    this.#stopListening = controlPlane.onAppend((events) => {
      for (const { type, data } of events) if (type === 'TokenRevoked') this.#endAllOf(String(data.id));
    });
  }

  /** A new session for the holder of a token. The secret is for the cookie, and is kept nowhere else. */
  open({ id: tokenId }: Token): { readonly secret: string; readonly session: Session } {
    const secret = randomBytes(32).toString('base64url');
    const key = keyOf(secret);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MOST_SESSIONS && oldest !== undefined) this.#end(oldest);
    const timer = setTimeout(() => this.#end(key), LONGEST_MS).unref();
    const expires = this.#controlPlane.now() + LONGEST_MS;
    const session = {
      tokenId,
      csrf: randomBytes(24).toString('base64url'),
      expires,
      ended: new Set<() => void>(),
      timer,
    };
    this.#kept.set(key, session);
    return { secret, session };
  }

  /** The session with this secret and the token it stands on; `null` when there is none that is in force. */
  find(secret: string): { readonly session: Session; readonly token: Token } | null {
    const key = keyOf(secret);
    const session = this.#kept.get(key);
    if (session === undefined) return null;
    const token = this.#controlPlane.world().tokens.get(session.tokenId);
    if (token !== undefined && session.expires > this.#controlPlane.now()) return { session, token };
    this.#end(key);
    return null;
  }

  end(secret: string): void {
    this.#end(keyOf(secret));
  }

  /** Calls back once when the session with this secret ends, however it does. Returns a way to stop listening. */
  onEnd(secret: string, listener: () => void): () => void {
    const ended = this.#kept.get(keyOf(secret))?.ended;
    ended?.add(listener);
    return () => ended?.delete(listener);
  }

  close(): void {
    this.#stopListening();
    for (const key of [...this.#kept.keys()]) this.#end(key);
  }

  #endAllOf(tokenId: string): void {
    for (const [key, session] of [...this.#kept]) if (session.tokenId === tokenId) this.#end(key);
  }

  #end(key: string): void {
    const session = this.#kept.get(key);
    if (session === undefined) return;
    this.#kept.delete(key);
    clearTimeout(session.timer);
    for (const listener of [...session.ended]) listener();
  }
}

function keyOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

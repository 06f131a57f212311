/** Chance. The simulator has another, made from its seed. */
export interface Entropy {
  /** Cryptographically strong random bytes. */
  bytes(count: number): Uint8Array;
}

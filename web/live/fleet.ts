import { useSyncExternalStore } from 'react';
import type { FleetChangeBody, TargetStanding } from '../../src/wire/http/fleet.ts';

export type Kind = FleetChangeBody['kinds'][number];
export type Holding = FleetChangeBody['holdings'][number];

/** The most urgent first. */
export const STANDINGS: readonly TargetStanding[] = [
  ...(['gone', 'failed', 'unwell', 'reverting', 'changing', 'behind', 'unheard', 'settled'] as const),
];
const CODES = new Map(STANDINGS.map((standing, code) => [standing, code]));

/** Every target, in columns: there may be a hundred thousand. Rows are numbered as the server numbers them. */
export class Fleet {
  /** How far it is known; what the next stream begins with. */
  cursor = '';
  /** How many there are; the columns are shorter while the first of them arrive. */
  total = 0;
  uids: string[] = [];
  names: string[] = [];
  kinds: Kind[] = [];
  holdings: Holding[] = [];
  /** Indices into `STANDINGS`, `kinds` and `holdings`, by row; at least as long as `uids`. */
  standing = new Uint8Array(256);
  kindOf = new Uint32Array(256);
  holdingOf = new Uint32Array(256);
  #version = 0;
  #rows = new Map<string, number>();
  readonly #listeners = new Set<() => void>();

  get size(): number {
    return this.uids.length;
  }

  rowOf(uid: string): number | undefined {
    return this.#rows.get(uid);
  }

  fold(change: FleetChangeBody): void {
    const { joined, changed } = change;
    if (change.reset) this.#clear();
    this.cursor = change.cursor;
    this.total = change.total;
    this.kinds.push(...change.kinds);
    this.holdings.push(...change.holdings);
    for (const [index, uid] of joined.uids.entries()) {
      this.#rows.set(uid, this.uids.length);
      this.uids.push(uid);
      this.names.push(joined.names[index] ?? uid);
    }
    this.#grow(this.uids.length);
    for (const [index, row] of changed.at.entries()) {
      this.standing[row] = CODES.get(changed.standings[index] ?? 'unheard') ?? 0;
      this.kindOf[row] = changed.kinds[index] ?? 0;
      this.holdingOf[row] = changed.holdings[index] ?? 0;
    }
    this.#tell();
  }

  forget(): void {
    this.#clear();
    this.#tell();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Another number whenever anything has changed. */
  readonly version = (): number => this.#version;

  #tell(): void {
    this.#version++;
    for (const listener of this.#listeners) listener();
  }

  #clear(): void {
    this.cursor = '';
    this.total = 0;
    this.uids = [];
    this.names = [];
    this.kinds = [];
    this.holdings = [];
    this.#rows = new Map();
  }

  #grow(rows: number): void {
    if (rows <= this.standing.length) return;
    const capacity = 2 ** Math.ceil(Math.log2(rows));
    const [standing, kindOf, holdingOf] = [this.standing, this.kindOf, this.holdingOf];
    this.standing = new Uint8Array(capacity);
    this.kindOf = new Uint32Array(capacity);
    this.holdingOf = new Uint32Array(capacity);
    this.standing.set(standing);
    this.kindOf.set(kindOf);
    this.holdingOf.set(holdingOf);
  }
}

/** Draws whoever uses it again when the fleet has changed. */
export function useFleetVersion(fleet: Fleet): number {
  return useSyncExternalStore(fleet.subscribe, fleet.version);
}

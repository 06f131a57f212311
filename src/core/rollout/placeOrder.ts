import { place } from '../kernel/place.ts';

interface Placed {
  readonly uid: string;
  readonly place: number;
}

/**
 * Targets in the order of their places in one rollout. Put in all at once they are sorted once; one that comes or goes later costs
 * a search and a shift.
 */
export class PlaceOrder {
  readonly #rollout: string;
  readonly #placed: Placed[];

  constructor(rollout: string, uids: Iterable<string>) {
    this.#rollout = rollout;
    this.#placed = Array.from(uids, (uid) => ({ uid, place: place(rollout, uid) })).sort(byPlace);
  }

  add(uid: string): void {
    const placed = { uid, place: place(this.#rollout, uid) };
    const index = this.#indexOf(placed);
    if (this.#placed[index]?.uid !== uid) this.#placed.splice(index, 0, placed);
  }

  delete(uid: string): void {
    const index = this.#indexOf({ uid, place: place(this.#rollout, uid) });
    if (this.#placed[index]?.uid === uid) this.#placed.splice(index, 1);
  }

  /** Those whose place is in [from, to), in order. */
  *between(from: number, to: number): Iterable<Placed> {
    for (let index = this.#indexOf({ uid: '', place: from }); index < this.#placed.length; index++) {
      const placed = this.#placed[index];
      if (placed === undefined || placed.place >= to) return;
      yield placed;
    }
  }

  /** Where it is, or would be put in. */
  #indexOf(wanted: Placed): number {
    let [low, high] = [0, this.#placed.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const found = this.#placed[middle];
      if (found !== undefined && byPlace(found, wanted) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function byPlace(a: Placed, b: Placed): number {
  return a.place - b.place || (a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0);
}

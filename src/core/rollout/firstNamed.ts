import { Heap } from '../kernel/heap.ts';

interface Named {
  readonly uid: string;
  readonly name: string;
}

/**
 * Targets of which only the first few are ever named: those whose names come first, whatever the order in which they were put in,
 * so that everyone who counts the same targets names the same ones. What it costs to name them does not grow with their number.
 */
export class FirstNamed {
  readonly #names = new Map<string, string>();
  /** Holds every target that is in, perhaps twice, and some that are not any more; those go when they come up. */
  #heap = new Heap<Named>(isBefore);

  get size(): number {
    return this.#names.size;
  }

  add(uid: string, name: string): void {
    if (this.#names.get(uid) === name) return;
    this.#names.set(uid, name);
    this.#heap.push({ uid, name });
    if (this.#heap.size > 2 * this.#names.size + 64) this.#rebuild();
  }

  delete(uid: string): void {
    this.#names.delete(uid);
  }

  /** Uids of at most so many, in the order of their names. */
  first(most: number): readonly string[] {
    const found: Named[] = [];
    while (found.length < most) {
      const next = this.#heap.pop();
      if (next === undefined) break;
      if (this.#names.get(next.uid) === next.name && found.at(-1)?.uid !== next.uid) found.push(next);
    }
    for (const named of found) this.#heap.push(named);
    return found.map(({ uid }) => uid);
  }

  #rebuild(): void {
    this.#heap = new Heap<Named>(isBefore);
    for (const [uid, name] of this.#names) this.#heap.push({ uid, name });
  }
}

function isBefore(a: Named, b: Named): boolean {
  return a.name < b.name || (a.name === b.name && a.uid < b.uid);
}

import { hash32 } from './hash32.ts';

const BITS = 5;
const WIDTH = 1 << BITS;
const FULL_LEAF = 24;
/** Below this no bits of a hash are left to tell keys apart by. */
const DEEPEST = Math.ceil(32 / BITS);

/** A leaf holds entries; a branch holds nodes, by the next bits of their keys' hashes. */
type Node<V> = Leaf<V> | Branch<V>;
type Leaf<V> = Map<string, V>;
type Branch<V> = (Node<V> | undefined)[];

/**
 * A map that never changes: what is set or deleted makes another map, which shares all but a few small nodes with the one before.
 * For what grows with the fleet, where a plain copy for every event would cost as much as the fleet is large. Its order is its own.
 */
export class SharedMap<V> implements ReadonlyMap<string, V> {
  readonly size: number;
  /** Open to comparisons; not to be changed. */
  readonly root: Node<V>;

  constructor(root: Node<V> = new Map(), size = 0) {
    this.root = root;
    this.size = size;
  }

  /** The same entries, in a map of this kind. */
  static from<V>(entries: ReadonlyMap<string, V>): SharedMap<V> {
    if (entries instanceof SharedMap) return entries;
    const draft = new SharedMapDraft<V>(new SharedMap());
    for (const [key, value] of entries) draft.set(key, value);
    return draft.done();
  }

  get(key: string): V | undefined {
    return leafOf(this.root, key)?.get(key);
  }

  has(key: string): boolean {
    return leafOf(this.root, key)?.has(key) ?? false;
  }

  forEach(callback: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this) callback(value, key, this);
  }

  *entries(): MapIterator<[string, V]> {
    for (const leaf of leavesOf(this.root)) yield* leaf;
  }

  *keys(): MapIterator<string> {
    for (const leaf of leavesOf(this.root)) yield* leaf.keys();
  }

  *values(): MapIterator<V> {
    for (const leaf of leavesOf(this.root)) yield* leaf.values();
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }
}

/** The next map under construction. What it makes itself it goes on changing in place, so many changes at once cost little more than in a plain map. */
export class SharedMapDraft<V> {
  #root: Node<V>;
  #size: number;
  #own = new Set<Node<V>>();

  constructor(before: SharedMap<V>) {
    this.#root = before.root;
    this.#size = before.size;
  }

  get(key: string): V | undefined {
    return leafOf(this.#root, key)?.get(key);
  }

  set(key: string, value: V): void {
    this.#root = this.#set(this.#root, 0, hash32(key), key, value);
  }

  delete(key: string): void {
    if (leafOf(this.#root, key)?.has(key)) this.#root = this.#delete(this.#root, 0, hash32(key), key);
  }

  /** The map as it stands. The draft may go on from here; the map stays as it is. */
  done(): SharedMap<V> {
    this.#own = new Set();
    return new SharedMap(this.#root, this.#size);
  }

  #set(node: Node<V>, depth: number, hash: number, key: string, value: V): Node<V> {
    if (node instanceof Map) {
      const leaf = this.#writable(node);
      if (!leaf.has(key)) this.#size++;
      leaf.set(key, value);
      return leaf.size > FULL_LEAF && depth < DEEPEST ? this.#split(leaf, depth) : leaf;
    }
    const branch = this.#writable(node);
    const index = indexAt(hash, depth);
    branch[index] = this.#set(branch[index] ?? this.#made(new Map()), depth + 1, hash, key, value);
    return branch;
  }

  #delete(node: Node<V>, depth: number, hash: number, key: string): Node<V> {
    if (node instanceof Map) {
      const leaf = this.#writable(node);
      if (leaf.delete(key)) this.#size--;
      return leaf;
    }
    const branch = this.#writable(node);
    const index = indexAt(hash, depth);
    const below = branch[index];
    if (below !== undefined) branch[index] = this.#delete(below, depth + 1, hash, key);
    return branch;
  }

  #split(leaf: Leaf<V>, depth: number): Branch<V> {
    const branch: Branch<V> = this.#made(new Array<Node<V> | undefined>(WIDTH).fill(undefined));
    for (const [key, value] of leaf) {
      const index = indexAt(hash32(key), depth);
      const below = (branch[index] ?? this.#made(new Map())) as Leaf<V>;
      branch[index] = below.set(key, value);
    }
    return branch;
  }

  #writable<N extends Node<V>>(node: N): N {
    if (this.#own.has(node)) return node;
    return this.#made((node instanceof Map ? new Map(node) : node.slice()) as N);
  }

  #made<N extends Node<V>>(node: N): N {
    this.#own.add(node);
    return node;
  }
}

function indexAt(hash: number, depth: number): number {
  return (hash >>> (depth * BITS)) & (WIDTH - 1);
}

function leafOf<V>(root: Node<V>, key: string): Leaf<V> | undefined {
  let node: Node<V> | undefined = root;
  if (node instanceof Map) return node;
  const hash = hash32(key);
  for (let depth = 0; node !== undefined && !(node instanceof Map); depth++) node = node[indexAt(hash, depth)];
  return node;
}

function* leavesOf<V>(node: Node<V>): Iterable<Leaf<V>> {
  if (node instanceof Map) yield node;
  else for (const below of node) if (below !== undefined) yield* leavesOf(below);
}

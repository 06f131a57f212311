import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type YAMLMap } from 'yaml';
import type { Json } from '../../core/kernel/canonicalJson.ts';
import { abbreviate, describe, type LocatedMistake, type ManifestPath, type Mistake } from './manifestProblem.ts';

interface Entry {
  readonly key: ParsedNode;
  readonly value: ParsedNode | null;
}

/**
 * One YAML document as plain data, with the place of everything in its text. Only what JSON can say is read: no anchors and
 * aliases (they can make a small file enormous), no tags, text as the names of fields, and each name once.
 */
export class YamlDocument {
  readonly value: Json;
  /** What cannot be read as plain data; `value` has `null` there, or the first of several. */
  readonly mistakes: readonly LocatedMistake[];
  readonly #root: ParsedNode;
  readonly #entries = new Map<YAMLMap, Map<string, Entry>>();
  readonly #mistakes: LocatedMistake[] = [];

  /** The document must be free of syntax errors and nested no deeper than the stack allows. */
  constructor(root: ParsedNode) {
    this.#root = root;
    this.value = this.#read(root, []);
    this.mistakes = this.#mistakes;
  }

  /** Offset of the document's first sign. */
  get start(): number {
    return this.#root.range[0];
  }

  /** Offset in the text. For what is missing, and for a value that fills lines of its own, that of the nearest name around it. */
  offsetOf({ path, at }: Pick<Mistake, 'path' | 'at'>): number {
    let node: ParsedNode | null = this.#root;
    let offset = this.#root.range[0];
    for (const [index, step] of path.entries()) {
      if (isSeq(node) && typeof step === 'number') {
        const item = node.items[step] as ParsedNode | undefined;
        if (item === undefined) return offset;
        node = item;
        offset = item.range[0];
      } else if (isMap(node)) {
        const entry: Entry | undefined = this.#entries.get(node)?.get(String(step));
        if (entry === undefined) return offset;
        node = entry.value;
        const named = at === 'name' && index === path.length - 1;
        offset = named || node === null || isBlock(node) || isEmpty(node) ? entry.key.range[0] : node.range[0];
      } else return offset;
    }
    return offset;
  }

  #read(node: ParsedNode | null, path: ManifestPath): Json {
    if (node === null) return null;
    if (isAlias(node))
      return this.#refuse(node, path, `the alias *${node.source}`, 'the value itself: aliases are not read');
    if (node.anchor !== undefined) {
      this.#refuse(node, path, `the anchor &${node.anchor}`, 'a value without an anchor: aliases are not read');
    }
    if (node.tag !== undefined) this.#refuse(node, path, `the tag ${node.tag}`, 'a value without a tag');
    if (isSeq(node)) return node.items.map((item, index) => this.#read(item as ParsedNode, [...path, index]));
    if (isMap(node)) return this.#readMap(node as YAMLMap<ParsedNode, ParsedNode | null>, path);
    const value: unknown = node.value;
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    return this.#refuse(node, path, `the number ${String(value)}`, 'a finite number');
  }

  #readMap(map: YAMLMap<ParsedNode, ParsedNode | null>, path: ManifestPath): Json {
    const entries = new Map<string, Entry>();
    const members: [string, Json][] = [];
    this.#entries.set(map, entries);
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? key.value : key;
      if (typeof name !== 'string' || name === '__proto__') {
        this.#refuse(
          key,
          path,
          `${describe(isScalar(key) ? name : {})} as the name of a field`,
          'a text other than "__proto__"',
        );
      } else if (entries.has(name)) {
        this.#refuse(
          key,
          [...path, name],
          `the field ${JSON.stringify(abbreviate(name))} a second time`,
          'each field once',
        );
      } else {
        entries.set(name, { key, value });
        members.push([name, this.#read(value, [...path, name])]);
      }
    }
    return Object.fromEntries(members);
  }

  #refuse(node: ParsedNode, path: ManifestPath, found: string, expected: string): null {
    this.#mistakes.push({ path, at: 'value', found, expected, suggestion: null, offset: node.range[0] });
    return null;
  }
}

function isBlock(node: ParsedNode): boolean {
  return (isMap(node) || isSeq(node)) && node.flow !== true;
}

function isEmpty(node: ParsedNode): boolean {
  return node.range[0] === node.range[1];
}

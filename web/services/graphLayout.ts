export interface GraphNode {
  readonly name: string;
  readonly needs: readonly string[];
}

export interface PlacedNode {
  readonly name: string;
  /** 0: nobody needs it. What it needs is at least one further. */
  readonly layer: number;
  /** From 0, from above. */
  readonly line: number;
  /** Nobody stands here: a line passes through. */
  readonly isLane: boolean;
}

export interface PlacedGraph {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly { readonly from: PlacedNode; readonly to: PlacedNode }[];
  readonly layers: number;
  readonly lines: number;
}

/** From left to right: who needs stands before what is needed, as far as there are no circles; in a layer, near their neighbours. */
export function placeGraph(graph: readonly GraphNode[]): PlacedGraph {
  const known = new Map(graph.map((node) => [node.name, node]));
  const needed = (name: string) => (known.get(name)?.needs ?? []).filter((other) => known.has(other) && other !== name);
  const layerOf = new Map<string, number>();
  const depth = (name: string, above: ReadonlySet<string>): number => {
    const found = layerOf.get(name);
    if (found !== undefined) return found;
    if (above.has(name)) return 0;
    const needers = graph.filter((node) => needed(node.name).includes(name)).map((node) => node.name);
    const layer = Math.max(-1, ...needers.map((needer) => depth(needer, new Set([...above, name])))) + 1;
    layerOf.set(name, layer);
    return layer;
  };
  for (const { name } of graph) depth(name, new Set());
  const drawn = withLanes(graph, layerOf, needed);
  const layers = Map.groupBy(drawn, ({ layer }) => layer);
  const placed = new Map<string, PlacedNode>();
  for (const layer of [...layers.keys()].sort((a, b) => a - b)) {
    const weight = ({ name }: LaneNode) => {
      const lines = drawn
        .filter(({ needs }) => needs.includes(name))
        .flatMap((other) => placed.get(other.name)?.line ?? []);
      return lines.length === 0 ? 0 : lines.reduce((sum, line) => sum + line, 0) / lines.length;
    };
    const inOrder = (layers.get(layer) ?? []).toSorted((a, b) => weight(a) - weight(b) || (a.name < b.name ? -1 : 1));
    for (const [line, { name, isLane }] of inOrder.entries()) placed.set(name, { name, layer, line, isLane });
  }
  const edges = drawn.flatMap(({ name, needs }) =>
    needs.flatMap((other) => {
      const [from, to] = [placed.get(name), placed.get(other)];
      return from === undefined || to === undefined ? [] : [{ from, to }];
    }),
  );
  return {
    nodes: [...placed.values()],
    edges,
    layers: 1 + Math.max(...layers.keys(), 0),
    lines: Math.max(1, ...[...layers.values()].map(({ length }) => length)),
  };
}

interface LaneNode {
  readonly name: string;
  readonly layer: number;
  readonly isLane: boolean;
  needs: readonly string[];
}

/** A need that spans several layers gets a lane of its own in each between, so that it passes behind nobody. */
function withLanes(
  graph: readonly GraphNode[],
  layerOf: ReadonlyMap<string, number>,
  needed: (name: string) => readonly string[],
): readonly LaneNode[] {
  const layer = (name: string) => layerOf.get(name) ?? 0;
  const lanes: LaneNode[] = [];
  const nodes = graph.map(({ name }): LaneNode => {
    const needs = needed(name).map((other) => {
      let next = other;
      for (let between = layer(other) - 1; between > layer(name); between--) {
        const lane = `${name} to ${other} at ${between}`;
        lanes.push({ name: lane, layer: between, isLane: true, needs: [next] });
        next = lane;
      }
      return next;
    });
    return { name, layer: layer(name), isLane: false, needs };
  });
  return [...nodes, ...lanes];
}

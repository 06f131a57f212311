import type { Catalog } from './catalog.ts';
import type { Service } from './service.ts';

/** Who needs whom, from the services' own manifests and from catalogues. Cycles are allowed: real systems have them. */
export interface DependencyGraph {
  readonly registered: ReadonlySet<string>;
  readonly needs: Links;
  readonly neededBy: Links;
  /** What a name only stands for, and which names stand for it. */
  readonly standsFor: Links;
  readonly standIns: Links;
}

type Links = ReadonlyMap<string, ReadonlySet<string>>;

/** A service at so many steps from another, by the shortest way. */
export interface Neighbour {
  readonly service: string;
  readonly distance: number;
  /** Whether targets of it can be rolled out to: the others are known from a catalogue, or from being named. */
  readonly registered: boolean;
}

export function dependencyGraph(services: Iterable<Service>, catalogs: Iterable<Catalog>): DependencyGraph {
  const registered = new Set<string>();
  const needs = new Map<string, Set<string>>();
  const neededBy = new Map<string, Set<string>>();
  const standsFor = new Map<string, Set<string>>();
  const standIns = new Map<string, Set<string>>();
  const depends = (from: string, to: string) => {
    link(needs, from, to);
    link(neededBy, to, from);
  };
  for (const { name, dependsOn } of services) {
    registered.add(name);
    for (const needed of dependsOn) depends(name, needed);
  }
  for (const { entities } of catalogs) {
    for (const [name, entity] of Object.entries(entities)) {
      for (const needed of entity.dependsOn) depends(name, needed);
      // A service that is registered stands for itself, whatever a catalogue calls it.
      for (const meant of registered.has(name) ? [] : entity.standsFor) {
        link(standsFor, name, meant);
        link(standIns, meant, name);
      }
    }
  }
  return { registered, needs, neededBy, standsFor, standIns };
}

/** The graph of everything on the record. Worked out once for each state of it: plans and views ask again and again. */
export function graphOf({ services, catalogs }: Recorded): DependencyGraph {
  const known = graphs.get(services);
  if (known?.catalogs === catalogs) return known.graph;
  const recorded = [...catalogs.values()].map(({ catalog }) => catalog);
  const graph = dependencyGraph(services.values(), recorded);
  graphs.set(services, { catalogs, graph });
  return graph;
}

interface Recorded {
  readonly services: ReadonlyMap<string, Service>;
  readonly catalogs: ReadonlyMap<string, { readonly catalog: Catalog }>;
}

/** Both maps are never changed, only replaced: as keys they stand for what is in them. */
const graphs = new WeakMap<object, { readonly catalogs: object; readonly graph: DependencyGraph }>();

/** Everything that needs this service, directly or through others, by distance and then by name. `most`: no further than that. */
export function dependentsOf(
  graph: DependencyGraph,
  service: string,
  most = Number.POSITIVE_INFINITY,
): readonly Neighbour[] {
  return walk(graph, graph.neededBy, service, most);
}

/** Everything that this service needs, directly or through others, by distance and then by name. `most`: no further than that. */
export function dependenciesOf(
  graph: DependencyGraph,
  service: string,
  most = Number.POSITIVE_INFINITY,
): readonly Neighbour[] {
  return walk(graph, graph.needs, service, most);
}

/** Linear in the graph: every name is arrived at once, and what a stand-in is linked to is followed once, for the first it stands for. */
function walk(graph: DependencyGraph, links: Links, start: string, most: number): readonly Neighbour[] {
  const arrived = new Set<string>([start]);
  const followed = new Set<string>();
  const found: Neighbour[] = [];
  let level = [start];
  for (let distance = 1; level.length > 0 && distance <= most; distance++) {
    const next: string[] = [];
    const arrive = (name: string): void => {
      const open = [name];
      for (let each = open.pop(); each !== undefined; each = open.pop()) {
        if (arrived.has(each)) continue;
        arrived.add(each);
        const meant = graph.standsFor.get(each);
        if (meant === undefined) next.push(each);
        else open.push(...meant);
      }
    };
    for (const name of level) {
      for (const alike of [name, ...standInsOf(graph, name)]) {
        if (followed.has(alike)) continue;
        followed.add(alike);
        for (const other of links.get(alike) ?? []) arrive(other);
      }
    }
    next.sort();
    for (const service of next) found.push({ service, distance, registered: graph.registered.has(service) });
    level = next;
  }
  return found;
}

/** Every name that stands for this one, directly or through others. */
function standInsOf({ standIns }: DependencyGraph, name: string): ReadonlySet<string> {
  const found = new Set<string>(standIns.get(name));
  for (const each of found) for (const further of standIns.get(each) ?? []) found.add(further);
  return found;
}

function link(links: Map<string, Set<string>>, from: string, to: string): void {
  if (from === to) return;
  const known = links.get(from);
  if (known === undefined) links.set(from, new Set([to]));
  else known.add(to);
}

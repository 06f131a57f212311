import { useMemo } from 'react';
import { useLocation } from 'wouter';
import type { ServiceBody } from '../../src/wire/http/service.ts';
import { useFacts } from '../console.ts';
import { phaseOf } from '../shell/phases.ts';
import { PLACES } from '../shell/places.ts';
import { type GraphNode, placeGraph } from './graphLayout.ts';

interface ServiceGraphProps {
  readonly services: readonly ServiceBody[];
  /** The one that it is about; `null`: none. */
  readonly centre: string | null;
}

const [WIDE, HIGH, ACROSS, DOWN] = [132, 34, 200, 50];
/** Beyond that many the list says it better. */
const MOST_NODES = 80;

/** Who needs whom, from left to right. Bold: what moves now. The tables say the same, so the lines are hidden from screen readers. */
export function ServiceGraph({ services, centre }: ServiceGraphProps) {
  const rollouts = useFacts((facts) => facts.rollouts);
  const [, go] = useLocation();
  const graph = useMemo(() => placeGraph(nodesOf(services, centre)), [services, centre]);
  if (graph.nodes.length > MOST_NODES)
    return <p className="fine">{graph.nodes.length} services: too many to draw. Open one to see its neighbours.</p>;
  const [width, height] = [(graph.layers - 1) * ACROSS + WIDE + 4, graph.lines * DOWN];
  const lift = (layer: number) =>
    ((graph.lines - graph.nodes.filter((node) => node.layer === layer).length) * DOWN) / 2;
  const x = (layer: number) => layer * ACROSS + 2;
  const y = (layer: number, line: number) => lift(layer) + line * DOWN + (DOWN - HIGH) / 2;
  return (
    <nav className="graph" aria-label="Dependency graph">
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height}>
        <title>Who needs whom, from left to right</title>
        <g>
          {graph.edges.map(({ from, to }) => {
            const [x1, y1] = [x(from.layer) + (from.isLane ? WIDE / 2 : WIDE), y(from.layer, from.line) + HIGH / 2];
            const [x2, y2] = [x(to.layer) + (to.isLane ? WIDE / 2 : 0), y(to.layer, to.line) + HIGH / 2];
            const isNear = centre === null || touchesCentre(from.name, centre) || touchesCentre(to.name, centre);
            return (
              <path
                key={`${from.name} ${to.name}`}
                className={isNear ? 'edge near' : 'edge'}
                d={`M ${x1} ${y1} C ${x1 + 34} ${y1}, ${x2 - 34} ${y2}, ${x2} ${y2}`}
              />
            );
          })}
        </g>
        {graph.nodes
          .filter(({ isLane }) => !isLane)
          .map(({ name, layer, line }) => {
            const running = rollouts.find((one) => one.service === name && one.endedAt === null);
            const isRegistered = services.some((service) => service.name === name);
            const says = running === undefined ? name : `${name}: ${running.id} ${phaseOf(running).says}`;
            return (
              <a
                key={name}
                href={isRegistered ? PLACES.service(name) : undefined}
                aria-current={name === centre ? 'true' : undefined}
                aria-label={says}
                className={`node ${name === centre ? 'centre' : ''} ${running === undefined ? '' : 'moving'} ${isRegistered ? '' : 'outside'}`}
                onClick={(event) => {
                  event.preventDefault();
                  if (isRegistered) go(PLACES.service(name));
                }}
              >
                <rect x={x(layer)} y={y(layer, line)} width={WIDE} height={HIGH} rx={5} />
                <text x={x(layer) + WIDE / 2} y={y(layer, line) + HIGH / 2}>
                  {name.length > 18 ? `${name.slice(0, 17)}…` : name}
                </text>
              </a>
            );
          })}
      </svg>
    </nav>
  );
}

/** Itself, or a lane that begins or ends there. */
function touchesCentre(name: string, centre: string): boolean {
  return name
    .split(/ to | at /)
    .slice(0, 2)
    .includes(centre);
}

/** All services and whatever they need; around one of them only who is up or down from it. */
function nodesOf(services: readonly ServiceBody[], centre: string | null): readonly GraphNode[] {
  const needs = new Map<string, Set<string>>();
  const add = (name: string, other: string | null) => {
    const known = needs.get(name) ?? new Set();
    needs.set(name, known);
    if (other !== null) known.add(other);
  };
  for (const { name, dependsOn, neededBy } of services) {
    add(name, null);
    for (const other of dependsOn) {
      add(name, other);
      add(other, null);
    }
    for (const other of neededBy) add(other, name);
  }
  if (centre === null) return [...needs].map(([name, others]) => ({ name, needs: [...others] }));
  const wanted = new Set([centre]);
  const walk = (name: string, next: (of: string) => Iterable<string>) => {
    for (const other of next(name)) {
      if (wanted.has(other)) continue;
      wanted.add(other);
      walk(other, next);
    }
  };
  walk(centre, (name) => needs.get(name) ?? []);
  walk(centre, (name) => [...needs].filter(([, others]) => others.has(name)).map(([needer]) => needer));
  return [...needs]
    .filter(([name]) => wanted.has(name))
    .map(([name, others]) => ({ name, needs: [...others].filter((other) => wanted.has(other)) }));
}

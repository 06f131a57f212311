import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useConsole } from '../console.ts';
import { STANDINGS, useFleetVersion } from '../live/fleet.ts';
import { formatCount, plural } from '../words.ts';
import { MapLegend } from './MapLegend.tsx';
import { layOut, type MapGroup, placeOf, rowAt } from './mapLayout.ts';
import { MapPainter, type MapView } from './mapPainter.ts';
import type { Revision } from './revisions.ts';
import { STANDING_LOOKS } from './standingLooks.ts';
import { useMapSize } from './useMapSize.ts';

interface FleetMapProps {
  readonly groups: readonly MapGroup[];
  readonly revisions: readonly Revision[];
  readonly matching: ReadonlySet<number> | null;
  readonly height: number;
  /** Somebody wants to see one target. */
  readonly open: (uid: string) => void;
}

const WHOLE: MapView = { x: 0, y: 0, zoom: 1 };
const MOST_ZOOM = 24;

/** Every target as a cell: the colour is what it holds, the mark how it stands. One stop of the Tab key; arrows go from target to target. */
export function FleetMap({ groups, revisions, matching, height, open }: FleetMapProps) {
  const { fleet } = useConsole();
  const version = useFleetVersion(fleet);
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<MapPainter | null>(null);
  const view = useRef<MapView>(WHOLE);
  const [cursor, setCursor] = useState<number | null>(null);
  const { width, box } = useMapSize();
  const layout = useMemo(() => layOut(groups, width, height), [groups, width, height]);
  const drawSoon = useDrawing(canvas, painter, view);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the fleet is changed in place; its version says when.
  useEffect(() => {
    if (canvas.current === null || width === 0) return;
    painter.current ??= new MapPainter(canvas.current);
    painter.current.show({ fleet, layout, revisions, matching, cursor });
    drawSoon();
  }, [fleet, version, layout, revisions, matching, cursor, width, drawSoon]);

  const move = (to: MapView) => {
    const zoom = Math.max(1, Math.min(MOST_ZOOM, to.zoom));
    const shown = { width: width / zoom, height: layout.height / zoom };
    const within = (at: number, size: number, part: number) => Math.max(0, Math.min(size - part, at));
    view.current = {
      zoom,
      x: within(to.x, width, shown.width),
      y: within(to.y, layout.height, shown.height),
    };
    drawSoon();
  };
  const zoomBy = (factor: number, x = width / 2, y = layout.height / 2) => {
    const { zoom, x: left, y: top } = view.current;
    const next = Math.max(1, Math.min(MOST_ZOOM, zoom * factor));
    move({ zoom: next, x: left + x / zoom - x / next, y: top + y / zoom - y / next });
  };
  const point = (row: number | null) => {
    setCursor(row);
    const place = row === null ? null : placeOf(layout, row);
    if (place === null) return;
    const { x, y, zoom } = view.current;
    const isSeen = place.x >= x && place.x <= x + width / zoom && place.y >= y && place.y <= y + layout.height / zoom;
    if (!isSeen) move({ zoom, x: place.x - width / zoom / 2, y: place.y - layout.height / zoom / 2 });
  };
  const order = useMemo(
    () => groups.flatMap(({ rows }) => rows).filter((row) => matching?.has(row) ?? true),
    [groups, matching],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const columns = layout.blocks[0]?.columns ?? 1;
    const at = cursor === null ? -1 : order.indexOf(cursor);
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: columns,
      ArrowUp: -columns,
    };
    const step = steps[event.key];
    if (step !== undefined) point(order[Math.max(0, Math.min(order.length - 1, at + step))] ?? null);
    else if (event.key === 'Home') point(order[0] ?? null);
    else if (event.key === 'End') point(order.at(-1) ?? null);
    else if (event.key === 'n') point(nextInTrouble(order, at, (row) => fleet.standing[row] ?? 0));
    else if (event.key === '+' || event.key === '=') zoomBy(1.6);
    else if (event.key === '-') zoomBy(1 / 1.6);
    else if (event.key === '0') move(WHOLE);
    else if (event.key === 'Enter' && cursor !== null) open(fleet.uids[cursor] ?? '');
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const drag = useDrag(view, move);
  const rowUnder = (event: PointerEvent<HTMLCanvasElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const { x, y, zoom } = view.current;
    return rowAt(layout, x + (event.clientX - left) / zoom, y + (event.clientY - top) / zoom);
  };
  useWheel(canvas, zoomBy);
  const drawnHeight = Math.max(40, Math.ceil(layout.height));
  return (
    <div className="fleet-map" ref={box}>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: there is no element for a map that is walked through with the arrow keys. */}
      <canvas
        ref={canvas}
        width={Math.round(width * devicePixelRatio)}
        height={Math.round(drawnHeight * devicePixelRatio)}
        style={{ height: drawnHeight }}
        tabIndex={0}
        role="application"
        aria-roledescription="map of targets"
        aria-label={`${plural(order.length, 'target')}. Arrows go from one to the next, n to the next in trouble, Enter opens it, plus and minus zoom.`}
        onKeyDown={onKeyDown}
        onPointerDown={drag.down}
        onPointerMove={(event) => {
          if (!drag.move(event)) setCursor(rowUnder(event));
        }}
        onPointerUp={(event) => {
          const row = rowUnder(event);
          if (!drag.up(event) && row !== null) open(fleet.uids[row] ?? '');
        }}
      />
      <div className="map-foot">
        <p className="map-says" role="status">
          {cursor === null ? `${formatCount(order.length)} shown` : sayRow(cursor)}
        </p>
        <div className="map-zoom">
          <button type="button" className="quiet" onClick={() => zoomBy(1 / 1.6)} aria-label="Zoom out">
            −
          </button>
          <button type="button" className="quiet" onClick={() => move(WHOLE)}>
            Fit
          </button>
          <button type="button" className="quiet" onClick={() => zoomBy(1.6)} aria-label="Zoom in">
            +
          </button>
        </div>
      </div>
      <MapLegend rows={order} revisions={revisions} />
    </div>
  );

  function sayRow(row: number): string {
    const standing = STANDINGS[fleet.standing[row] ?? 0] ?? 'unheard';
    const { labels } = fleet.kinds[fleet.kindOf[row] ?? 0] ?? { labels: {} };
    const told = Object.entries(labels).map(([name, value]) => `${name} ${value}`);
    const holds = revisions[fleet.holdingOf[row] ?? 0]?.name ?? 'unknown';
    return [`${fleet.names[row]} holds ${holds}`, STANDING_LOOKS[standing].says, ...told].join(', ');
  }
}

function nextInTrouble(order: readonly number[], at: number, standing: (row: number) => number): number | null {
  const isTrouble = (row: number) => STANDING_LOOKS[STANDINGS[standing(row)] ?? 'settled'].isTrouble;
  return [...order.slice(at + 1), ...order.slice(0, at + 1)].find(isTrouble) ?? null;
}

/** However often it is asked for, the map is drawn once a frame; and it counts its frames and what they cost, so that this can be measured. */
function useDrawing(
  canvas: React.RefObject<HTMLCanvasElement | null>,
  painter: React.RefObject<MapPainter | null>,
  view: React.RefObject<MapView>,
): () => void {
  const asked = useRef(0);
  const draw = useRef(() => {
    asked.current = 0;
    const started = performance.now();
    painter.current?.draw(view.current);
    const element = canvas.current;
    if (element === null) return;
    element.dataset.frames = String(Number(element.dataset.frames ?? 0) + 1);
    element.dataset.drawMs = String(Number(element.dataset.drawMs ?? 0) + performance.now() - started);
  });
  const soon = useRef(() => {
    if (asked.current === 0) asked.current = requestAnimationFrame(draw.current);
  });
  useEffect(() => {
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const recolour = () => {
      painter.current?.recolour();
      soon.current();
    };
    scheme.addEventListener('change', recolour);
    return () => {
      scheme.removeEventListener('change', recolour);
      cancelAnimationFrame(asked.current);
      asked.current = 0;
      painter.current = null;
    };
  }, [painter]);
  return soon.current;
}

/** To drag moves the view; a press that does not move is a click. */
function useDrag(view: React.RefObject<MapView>, move: (to: MapView) => void) {
  const from = useRef<{ x: number; y: number; view: MapView; isMoved: boolean } | null>(null);
  return {
    down: (event: PointerEvent<HTMLCanvasElement>) => {
      from.current = { x: event.clientX, y: event.clientY, view: view.current, isMoved: false };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    move: (event: PointerEvent<HTMLCanvasElement>): boolean => {
      const start = from.current;
      if (start === null) return false;
      const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
      start.isMoved ||= Math.hypot(dx, dy) > 4;
      if (start.isMoved)
        move({ ...start.view, x: start.view.x - dx / start.view.zoom, y: start.view.y - dy / start.view.zoom });
      return start.isMoved;
    },
    up: (event: PointerEvent<HTMLCanvasElement>): boolean => {
      const isMoved = from.current?.isMoved ?? false;
      from.current = null;
      event.currentTarget.releasePointerCapture(event.pointerId);
      return isMoved;
    },
  };
}

/** The wheel zooms once the map has the focus, or with Ctrl; else it scrolls the page as everywhere. */
function useWheel(
  canvas: React.RefObject<HTMLCanvasElement | null>,
  zoomBy: (factor: number, x: number, y: number) => void,
): void {
  const newest = useRef(zoomBy);
  newest.current = zoomBy;
  useEffect(() => {
    const element = canvas.current;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && document.activeElement !== element) return;
      event.preventDefault();
      newest.current(event.deltaY < 0 ? 1.25 : 0.8, event.offsetX, event.offsetY);
    };
    // React's own listeners cannot keep the page from scrolling.
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, [canvas]);
}

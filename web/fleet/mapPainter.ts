import type { Fleet } from '../live/fleet.ts';
import { STANDINGS } from '../live/fleet.ts';
import { LABEL_HEIGHT, type MapBlock, type MapLayout } from './mapLayout.ts';
import { type Palette, readPalette } from './palette.ts';
import type { Revision } from './revisions.ts';
import { STANDING_LOOKS } from './standingLooks.ts';

export interface MapScene {
  readonly fleet: Fleet;
  readonly layout: MapLayout;
  /** By number of the holding. */
  readonly revisions: readonly Revision[];
  /** Rows that the filter leaves; `null`: all. */
  readonly matching: ReadonlySet<number> | null;
  /** Row under the keyboard's cursor. */
  readonly cursor: number | null;
}

/** Of the map before zoom, what is at the left and upper edge; and by how much it is enlarged. */
export interface MapView {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** From this size on, in pixels, cells are drawn one by one with a gap; below, each is a pixel of a picture that is enlarged as a whole. */
const CELL_BY_CELL = 5;
/** From this size on a cell has room for its mark. */
const WITH_MARK = 12;
/** That many in trouble get a frame of their own where cells are too small for marks. */
const MOST_FRAMES = 400;

/**
 * Draws the fleet. What is far away costs one picture a group, whatever the size of the fleet: the pictures are painted anew only when the
 * fleet or the filter changes, not when the view moves. What is near costs as much as fits on the screen.
 */
export class MapPainter {
  readonly #canvas: HTMLCanvasElement;
  #palette: Palette;
  #scene: MapScene | null = null;
  #pictures: readonly HTMLCanvasElement[] = [];
  #inTrouble: readonly { readonly x: number; readonly y: number }[] = [];

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#palette = readPalette(canvas);
  }

  /** The system's colours have changed. */
  recolour(): void {
    this.#palette = readPalette(this.#canvas);
    if (this.#scene !== null) this.show(this.#scene);
  }

  show(scene: MapScene): void {
    this.#scene = scene;
    this.#pictures =
      scene.layout.cell < CELL_BY_CELL ? scene.layout.blocks.map((block) => this.#picture(scene, block)) : [];
    this.#inTrouble = scene.layout.cell < CELL_BY_CELL ? troubleIn(scene) : [];
  }

  draw(view: MapView): void {
    const scene = this.#scene;
    const context = this.#canvas.getContext('2d');
    if (scene === null || context === null) return;
    const { width, height } = this.#canvas;
    const scale = devicePixelRatio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const cell = scene.layout.cell * view.zoom;
    for (const [index, block] of scene.layout.blocks.entries()) {
      const [x, y] = [(block.x - view.x) * view.zoom, (block.y - view.y) * view.zoom];
      const lines = Math.ceil(block.rows.length / block.columns);
      if (y > height / scale || y + lines * cell < -LABEL_HEIGHT) continue;
      const picture = this.#pictures[index];
      if (cell < CELL_BY_CELL && picture !== undefined) {
        context.imageSmoothingEnabled = false;
        context.drawImage(picture, x, y, block.columns * cell, lines * cell);
      } else {
        this.#cells(context, scene, block, x, y, cell);
      }
      this.#label(context, block, x, y);
    }
    if (cell < CELL_BY_CELL) this.#frames(context, view, cell);
  }

  #label(context: CanvasRenderingContext2D, { label, rows }: MapBlock, x: number, y: number): void {
    context.font = `600 12px ${this.#palette.font}`;
    context.textAlign = 'left';
    context.textBaseline = 'alphabetic';
    context.fillStyle = this.#palette.ink;
    const at = Math.max(0, x);
    context.fillText(label, at, y - 6);
    const after = at + context.measureText(label).width + 8;
    context.font = `12px ${this.#palette.font}`;
    context.fillStyle = this.#palette.muted;
    context.fillText(rows.length.toLocaleString('en-GB'), after, y - 6);
  }

  /** Cells that are on the screen, each with its revision's colour and letter, and the mark of how it stands. */
  #cells(
    context: CanvasRenderingContext2D,
    scene: MapScene,
    block: MapBlock,
    x: number,
    y: number,
    cell: number,
  ): void {
    const { fleet, revisions, matching, cursor } = scene;
    const [across, down] = [this.#canvas.width / devicePixelRatio, this.#canvas.height / devicePixelRatio];
    const [firstLine, lastLine] = [Math.max(0, Math.floor(-y / cell)), Math.ceil((down - y) / cell)];
    const [firstColumn, lastColumn] = [
      Math.max(0, Math.floor(-x / cell)),
      Math.min(block.columns, Math.ceil((across - x) / cell)),
    ];
    const gap = cell >= WITH_MARK ? 2 : 1;
    context.font = `600 ${Math.min(13, cell * 0.55)}px ${this.#palette.font}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (let line = firstLine; line < lastLine; line++) {
      for (let column = firstColumn; column < lastColumn; column++) {
        const row = block.rows[line * block.columns + column];
        if (row === undefined) break;
        const standing = STANDINGS[fleet.standing[row] ?? 0] ?? 'unheard';
        const { mark, isTrouble } = STANDING_LOOKS[standing];
        const revision = revisions[fleet.holdingOf[row] ?? 0];
        const [left, top, size] = [x + column * cell, y + line * cell, cell - gap];
        context.globalAlpha = matching === null || matching.has(row) ? 1 : 0.18;
        context.fillStyle = this.#palette.tones[revision?.tone ?? 'unknown'] ?? this.#palette.muted;
        if (standing === 'gone') {
          context.strokeStyle = context.fillStyle;
          context.lineWidth = 1.5;
          context.strokeRect(left + 1, top + 1, size - 2, size - 2);
        } else {
          context.fillRect(left, top, size, size);
        }
        if (isTrouble && standing !== 'gone') {
          context.strokeStyle = this.#palette.bad;
          context.lineWidth = cell >= WITH_MARK ? 3 : 2;
          context.strokeRect(left + 1, top + 1, size - 2, size - 2);
        }
        if (cell >= WITH_MARK) {
          context.fillStyle = standing === 'gone' ? this.#palette.ink : this.#palette.onTone;
          context.fillText(mark === '' ? (revision?.letter ?? '?') : mark, left + size / 2, top + size / 2 + 0.5);
        }
        if (row === cursor) this.#ring(context, left, top, size);
      }
    }
    context.globalAlpha = 1;
  }

  #ring(context: CanvasRenderingContext2D, left: number, top: number, size: number): void {
    context.globalAlpha = 1;
    context.strokeStyle = this.#palette.ink;
    context.lineWidth = 2;
    context.strokeRect(left - 2, top - 2, size + 4, size + 4);
  }

  /** Where cells are too small for marks: a frame around whatever is in trouble, so that it is not a colour alone. */
  #frames(context: CanvasRenderingContext2D, view: MapView, cell: number): void {
    const scene = this.#scene;
    context.strokeStyle = this.#palette.bad;
    context.lineWidth = 1.5;
    for (const { x, y } of this.#inTrouble) {
      context.strokeRect((x - view.x) * view.zoom - 2.5, (y - view.y) * view.zoom - 2.5, cell + 5, cell + 5);
    }
    if (scene === null || scene.cursor === null) return;
    const block = scene.layout.blocks.find(({ rows }) => rows.includes(scene.cursor ?? -1));
    if (block === undefined) return;
    const at = block.rows.indexOf(scene.cursor);
    const [column, line] = [at % block.columns, Math.floor(at / block.columns)];
    const { x, y } = { x: block.x + column * scene.layout.cell, y: block.y + line * scene.layout.cell };
    this.#ring(context, (x - view.x) * view.zoom, (y - view.y) * view.zoom, cell);
  }

  /** One pixel a target. */
  #picture({ fleet, revisions, matching }: MapScene, { rows, columns }: MapBlock): HTMLCanvasElement {
    const picture = document.createElement('canvas');
    picture.width = columns;
    picture.height = Math.max(1, Math.ceil(rows.length / columns));
    const context = picture.getContext('2d');
    if (context === null) return picture;
    const image = context.createImageData(picture.width, picture.height);
    const pixels = new Uint32Array(image.data.buffer);
    const colours = revisions.map(({ tone }) => this.#palette.pixels[tone] ?? this.#palette.pixels.unknown ?? 0);
    const bad = this.#palette.pixels.bad ?? 0;
    for (const [at, row] of rows.entries()) {
      const standing = STANDINGS[fleet.standing[row] ?? 0] ?? 'unheard';
      const colour = STANDING_LOOKS[standing].isTrouble ? bad : (colours[fleet.holdingOf[row] ?? 0] ?? 0);
      // The alpha is the highest byte: a machine on which browsers run is little-endian.
      pixels[at] = matching === null || matching.has(row) ? colour : (colour & 0x00ffffff) | 0x2e000000;
    }
    context.putImageData(image, 0, 0);
    return picture;
  }
}

function troubleIn({
  fleet,
  layout: { blocks, cell },
  matching,
}: MapScene): readonly { readonly x: number; readonly y: number }[] {
  const places: { x: number; y: number }[] = [];
  for (const { rows, columns, x, y } of blocks) {
    for (const [at, row] of rows.entries()) {
      const standing = STANDINGS[fleet.standing[row] ?? 0] ?? 'unheard';
      if (!STANDING_LOOKS[standing].isTrouble || matching?.has(row) === false) continue;
      if (places.length === MOST_FRAMES) return [];
      places.push({ x: x + (at % columns) * cell, y: y + Math.floor(at / columns) * cell });
    }
  }
  return places;
}

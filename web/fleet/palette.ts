import { TONES } from './revisions.ts';

/** The colours of the page, as a canvas takes them. */
export interface Palette {
  readonly ink: string;
  readonly muted: string;
  readonly bad: string;
  readonly onTone: string;
  readonly font: string;
  /** By the tone of a revision. */
  readonly tones: Readonly<Record<string, string>>;
  /** The same, and `bad`, as pixels of an image. */
  readonly pixels: Readonly<Record<string, number>>;
}

export function readPalette(element: HTMLElement): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const names = ['baseline', 'unknown', ...Array.from({ length: TONES }, (_, index) => String(index))];
  const tones = Object.fromEntries(names.map((name) => [name, colour(`tone-${name}`)]));
  const bad = colour('bad');
  return {
    ...{ ink: colour('ink'), muted: colour('muted'), bad, onTone: colour('on-tone'), font: style.fontFamily, tones },
    pixels: Object.fromEntries(Object.entries({ ...tones, bad }).map(([name, value]) => [name, pixelOf(value)])),
  };
}

/** `#0e6e5a` to the four bytes of an opaque pixel. */
function pixelOf(hex: string): number {
  const value = Number.parseInt(hex.slice(1), 16);
  const [red, green, blue] = [(value >> 16) & 255, (value >> 8) & 255, value & 255];
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** The signs that stand for states. Each has a plain ASCII form for terminals that cannot show more. */
export interface Glyphs {
  readonly done: string;
  readonly active: string;
  readonly waiting: string;
  readonly bad: string;
  readonly held: string;
  readonly back: string;
  readonly full: string;
  readonly empty: string;
}

const UNICODE: Glyphs = { done: '✓', active: '▶', waiting: '·', bad: '✗', held: '‖', back: '↩', full: '█', empty: '░' };
const ASCII: Glyphs = { done: '+', active: '>', waiting: '.', bad: 'x', held: '=', back: '<', full: '#', empty: '-' };

/** Chosen by what the environment says of its locale and terminal; Unicode when it says nothing. */
export function glyphsFor(env: Readonly<Record<string, string | undefined>>): Glyphs {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  const narrow = env.TERM === 'linux' || env.TERM === 'dumb' || (locale !== '' && !/utf-?8/i.test(locale));
  return narrow ? ASCII : UNICODE;
}

/** A bar of `width` columns, filled by `share` in [0, 1]. Full only at 1 and empty only at 0, as far as the width allows. */
export function meter(share: number, width: number, glyphs: Glyphs): string {
  const exact = Math.min(1, Math.max(0, share)) * width;
  let full = Math.round(exact);
  if (full === width && exact < width) full = width - 1;
  if (full === 0 && exact > 0 && width > 1) full = 1;
  return glyphs.full.repeat(full) + glyphs.empty.repeat(width - full);
}

/** One figure, and how sure it is. */
export interface Point {
  /** Place of its series in the legend. */
  readonly series: number;
  readonly value: number;
  readonly lower?: number;
  readonly upper?: number;
}

/** Points on a line of their own, under a name. */
export interface Row {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface Plot {
  readonly title: string;
  /** Of the figures, with what the whiskers are. */
  readonly unit: string;
  /** What the colours and shapes stand for. */
  readonly legend: readonly string[];
  readonly rows: readonly Row[];
  /** A line that figures are to stay on one side of. */
  readonly limit?: { readonly name: string; readonly value: number };
  /** Figures beyond it are drawn at the edge, with an arrow. */
  readonly most: number;
  /** Steps of the scale. */
  readonly step: number;
}

const PLOTTED = 480;
const RIGHT = 40;
const TOP = 92;

/** Colours that can be told apart by people who see few of them, and shapes for those who see none. */
const SHAPES: readonly ((x: number, y: number) => string)[] = [
  (x, y) => `<circle cx="${x}" cy="${y}" r="4.5" class="s0"/>`,
  (x, y) => `<rect x="${round(x - 4)}" y="${round(y - 4)}" width="8" height="8" class="s1"/>`,
  (x, y) => `<path d="M${round(x - 5)} ${round(y + 4)}h10l-5-9z" class="s2"/>`,
  (x, y) => `<path d="M${x} ${round(y - 6)}l6 6-6 6-6-6z" class="s3"/>`,
];

/** A dot plot as SVG that stands by itself, on light and on dark ground. */
export function dotPlot({ title, unit, legend, rows, limit, most, step }: Plot): string {
  const line = 8 + 12 * legend.length;
  // Text is not measured here; letters are taken for wider than they are.
  const left = 36 + 7 * Math.max(...rows.map(({ name }) => name.length), 22);
  const width = left + PLOTTED + RIGHT;
  const x = (value: number) => round(left + (Math.min(value, most) / most) * PLOTTED);
  const bottom = TOP + rows.length * line;
  const marks = rows.map(({ name, points }, index) => {
    const top = TOP + index * line;
    const stripe = index % 2 === 0 ? `<rect x="0" y="${top}" width="${width}" height="${line}" class="stripe"/>` : '';
    const label = `<text x="${left - 14}" y="${round(top + line / 2 + 4.5)}" text-anchor="end">${escaped(name)}</text>`;
    return {
      ground: stripe + label,
      dots: points.map((point) => dot(point, top + 4 + 12 * (point.series + 0.5))).join(''),
    };
  });
  function dot({ series, value, lower = value, upper = value }: Point, y: number): string {
    const whisker =
      upper > lower ? `<line x1="${x(lower)}" x2="${x(upper)}" y1="${y}" y2="${y}" class="w${series}"/>` : '';
    const beyond = value > most ? `<text x="${x(value) + 9}" y="${y + 4}" class="faint">→</text>` : '';
    return whisker + (SHAPES[series]?.(x(value), y) ?? '') + beyond;
  }
  const ticks = Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, index) => {
    const value = Number((index * step).toPrecision(6));
    const place = x(value);
    return `<line x1="${place}" x2="${place}" y1="${TOP}" y2="${bottom}" class="grid"/><text x="${place}" y="${bottom + 18}" text-anchor="middle" class="faint">${value}</text>`;
  });
  let begin = 16;
  const keys = legend.map((name, series) => {
    const key = `${SHAPES[series]?.(begin + 5, 54) ?? ''}<text x="${begin + 16}" y="58" class="small">${escaped(name)}</text>`;
    begin += 36 + name.length * 6.6;
    return key;
  });
  const border =
    limit === undefined
      ? ''
      : `<line x1="${x(limit.value)}" x2="${x(limit.value)}" y1="${TOP - 6}" y2="${bottom}" class="limit"/><text x="${x(limit.value)}" y="${TOP - 12}" text-anchor="middle" class="small">${escaped(limit.name)}</text>`;
  const height = bottom + 50;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>
text{font:13px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#1a202c}.title{font-size:16px;font-weight:600}.small{font-size:12px}.faint{font-size:11px;fill:#4a5568}
.ground{fill:#fff}.stripe{fill:#f4f6f9}.grid{stroke:#d5dce5}.limit{stroke:#b3261e;stroke-width:1.5;stroke-dasharray:5 4}
.s0{fill:#0b63b0}.s1{fill:#b45309}.s2{fill:#0f766e}.s3{fill:#86198f}line[class^=w]{stroke-width:1.75;opacity:.55}.w0{stroke:#0b63b0}.w1{stroke:#b45309}.w2{stroke:#0f766e}.w3{stroke:#86198f}
@media(prefers-color-scheme:dark){text{fill:#e6eaf0}.faint{fill:#a3afbf}.ground{fill:#12161d}.stripe{fill:#191f28}.grid{stroke:#2d3643}.limit{stroke:#ff8a80}
.s0{fill:#6db3f2}.s1{fill:#f6ad55}.s2{fill:#5eead4}.s3{fill:#f0abfc}.w0{stroke:#6db3f2}.w1{stroke:#f6ad55}.w2{stroke:#5eead4}.w3{stroke:#f0abfc}}
</style>
<rect width="${width}" height="${height}" class="ground"/>
${marks.map(({ ground }) => ground).join('\n')}
${ticks.join('\n')}
<text x="16" y="28" class="title">${escaped(title)}</text>
${keys.join('')}
${border}
${marks.map(({ dots }) => dots).join('\n')}
<text x="${width - RIGHT}" y="${bottom + 38}" text-anchor="end" class="faint">${escaped(unit)}</text>
</svg>
`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

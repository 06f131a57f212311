/** A dot on a line of its own: a name, a figure, and how sure it is. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly lower?: number;
  readonly upper?: number;
}

export interface Plot {
  readonly title: string;
  readonly unit: string;
  readonly rows: readonly Row[];
  /** A line that figures are to stay left of. */
  readonly limit: { readonly name: string; readonly value: number };
}

const WIDTH = 760;
const LEFT = 260;
const RIGHT = 40;
const LINE = 22;
const TOP = 64;

/** A dot plot as SVG that stands by itself, in colours that can be told apart on light and on dark ground. */
export function dotPlot({ title, unit, rows, limit }: Plot): string {
  const most = Math.max(limit.value * 1.2, ...rows.map(({ value, upper }) => upper ?? value)) * 1.05;
  const x = (value: number) => LEFT + (Math.min(value, most) / most) * (WIDTH - LEFT - RIGHT);
  const height = TOP + rows.length * LINE + 44;
  const bottom = TOP + rows.length * LINE;
  const parts = rows.map(({ name, value, lower = value, upper = value }, index) => {
    const y = TOP + index * LINE + LINE / 2;
    const colour = value <= limit.value ? '#2f855a' : '#c05621';
    return [
      `<text x="${LEFT - 12}" y="${y + 4}" text-anchor="end">${escaped(name)}</text>`,
      `<line x1="${x(lower)}" x2="${x(upper)}" y1="${y}" y2="${y}" stroke="${colour}" stroke-width="2"/>`,
      `<circle cx="${x(value)}" cy="${y}" r="4" fill="${colour}"/>`,
    ].join('');
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const value = Number((most * share).toPrecision(2));
    return `<line x1="${x(value)}" x2="${x(value)}" y1="${TOP - 4}" y2="${bottom}" class="grid"/><text x="${x(value)}" y="${bottom + 18}" text-anchor="middle" class="faint">${value}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">
<style>svg{background:#fff;font:13px system-ui,sans-serif;fill:#1a202c}.grid{stroke:#cbd5e0;stroke-width:1}.faint{fill:#4a5568;font-size:11px}.limit{stroke:#9b2c2c;stroke-width:1.5;stroke-dasharray:5 4}@media(prefers-color-scheme:dark){svg{background:#171923;fill:#edf2f7}.grid{stroke:#2d3748}.faint{fill:#a0aec0}.limit{stroke:#fc8181}}</style>
<text x="16" y="26" font-size="16" font-weight="600">${escaped(title)}</text>
${ticks.join('\n')}
<line x1="${x(limit.value)}" x2="${x(limit.value)}" y1="${TOP - 12}" y2="${bottom}" class="limit"/>
<text x="${x(limit.value)}" y="${TOP - 16}" text-anchor="middle" class="faint">${escaped(limit.name)}</text>
${parts.join('\n')}
<text x="${WIDTH - RIGHT}" y="${bottom + 36}" text-anchor="end" class="faint">${escaped(unit)}</text>
</svg>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

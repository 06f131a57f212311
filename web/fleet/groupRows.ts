import type { Fleet } from '../live/fleet.ts';
import type { MapGroup } from './mapLayout.ts';

/** Beyond that many, what is left is one group: a map of headings alone shows nothing. */
const MOST_GROUPS = 40;

/** What targets may be grouped by: their service and role, or any label that some of them carry. */
export function groupingsOf({ kinds }: Fleet): readonly string[] {
  const labels = new Set(kinds.flatMap((kind) => Object.keys(kind.labels)));
  return ['service', ...[...labels].filter((name) => name !== 'service').sort()];
}

/** The rows of the fleet in groups, the largest number of which is bounded; in the order of their names. */
export function groupRows(fleet: Fleet, by: string): readonly MapGroup[] {
  const labels = fleet.kinds.map(({ service, role, labels: own }) =>
    by === 'service' ? `${service} ${role}` : (own[by] ?? `no ${by}`),
  );
  const groups = new Map<string, number[]>();
  for (let row = 0; row < fleet.size; row++) {
    const label = labels[fleet.kindOf[row] ?? 0] ?? '';
    const rows = groups.get(label);
    if (rows === undefined) groups.set(label, [row]);
    else rows.push(row);
  }
  const named = [...groups].map(([label, rows]) => ({ label, rows })).sort((a, b) => (a.label < b.label ? -1 : 1));
  if (named.length <= MOST_GROUPS) return named;
  const rest = named.slice(MOST_GROUPS - 1);
  return [
    ...named.slice(0, MOST_GROUPS - 1),
    { label: `${rest.length} others`, rows: rest.flatMap(({ rows }) => rows) },
  ];
}

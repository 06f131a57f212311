import { pad } from '../cli/terminal/fit.ts';
import type { StyledLine } from '../cli/terminal/styledLine.ts';
import { table } from '../cli/terminal/table.ts';
import type { ChangeReport, DemoReport, Share } from './demoReport.ts';
import { part } from './demoScreen.ts';
import { RINGS } from './fleetLayout.ts';

/** What each target's disk held, and what happened, in figures that come from the targets. */
export function closingTable(report: DemoReport, width: number): readonly StyledLine[] {
  const { good, bad } = report.changes;
  const both = (of: (change: ChangeReport) => string): readonly string[] => [of(good), of(bad)];
  const rows: (readonly string[])[] = [
    ['rollout', ...both(({ rollout, phase }) => `${rollout} ${PHASES[phase] ?? phase}`)],
    ...RINGS.map((ring) => [
      `targets reached: ${ring}`,
      ...both(({ reached }) => `${reached[ring].reached} of ${reached[ring].targets}`),
    ]),
    ...(['web', 'api'] as const).flatMap((role) => [
      [`${role} requests failed under it`, ...both(({ requests }) => shareText(requests[role].underTheChange))],
      [`${role} meanwhile elsewhere`, ...both(({ requests }) => shareText(requests[role].elsewhere))],
    ]),
    ['first bad request to last target back', ...both(timeBack)],
  ];
  return [
    ...table(
      [
        { title: 'target' },
        { title: 'ring' },
        { title: 'at first' },
        { title: good.name },
        { title: `during ${bad.name}` },
        { title: 'now' },
      ],
      digestRows(report),
      width,
    ),
    [],
    ...table([{ title: '' }, { title: good.name }, { title: bad.name }], rows, width),
  ];
}

const PHASES: Readonly<Record<string, string>> = { rolledBack: 'rolled back' };

/** Each target's own file: four digests a row, eight digits each, the bad one in red wherever it was. */
function digestRows({ changes: { good, bad } }: DemoReport) {
  const byRing = bad.targets.toSorted((a, b) => RINGS.indexOf(a.ring) - RINGS.indexOf(b.ring));
  return byRing.map((target) => {
    const first = good.targets.find((one) => one.target === target.target);
    const others = target.during.filter((digest) => digest !== target.before && digest !== target.after);
    const seen = [...new Set(others)];
    return [
      target.target,
      target.ring,
      digits(first?.before ?? null),
      digits(target.before),
      seen.length === 0 ? part('unchanged', 'faint') : part(pad(seen.map(digits).join(' '), 8), 'bad'),
      digits(target.after),
    ];
  });
}

function digits(digest: string | null): string {
  return digest === null ? 'no file' : digest.replace('sha256:', '').slice(0, 8);
}

function timeBack({
  phase,
  firstBadRequestAtMs,
  firstBadRequestToLastTargetBackSeconds: seconds,
}: ChangeReport): string {
  if (phase !== 'rolledBack') return 'did not go back';
  if (firstBadRequestAtMs === null) return 'no bad request';
  return seconds === null ? 'one is not back' : `${seconds.toFixed(1)} s`;
}

function shareText({ requests, failures, failedShare }: Share): string {
  if (failedShare === null) return 'no requests';
  const percent = failures === 0 ? '0 %' : `${(100 * failedShare).toFixed(failedShare < 0.01 ? 2 : 1)} %`;
  return `${percent} of ${requests.toLocaleString('en')}`;
}

import { join } from 'node:path';
import type { Glyphs } from '../cli/terminal/glyphs.ts';
import type { StyledLine } from '../cli/terminal/styledLine.ts';
import { closingTable } from './closingTable.ts';
import type { DemoDirectory } from './demoDirectory.ts';
import type { DemoReport } from './demoReport.ts';
import { type DemoScreen, part, seconds, wrapped } from './demoScreen.ts';
import { EXAMPLES, typedPath } from './programs.ts';
import type { Death } from './supervisor.ts';

/** The table, and whether the story came true; if not, what was otherwise. */
export function tellEnding(screen: DemoScreen, glyphs: Glyphs, report: DemoReport): void {
  screen.lines([], [part('What happened, in figures taken from the targets', 'strong')]);
  screen.lines(...closingTable(report, screen.width));
  screen.lines([]);
  for (const { says, found } of report.conditions.filter(({ held }) => !held)) {
    screen.lines([part(`${glyphs.bad} not true`, 'bad')], ...wrapped(`${says} (found: ${found})`, 2, screen.width));
  }
  if (!report.cameTrue) return;
  const { processes, residentBytes, proportionalBytes } = report.memory;
  const memory = `${processes} processes, ${Math.round((proportionalBytes ?? residentBytes) / 2 ** 20)} MB of memory`;
  screen.lines(
    [
      part(`${glyphs.done} It came true`, 'good'),
      part(`: ${report.conditions.length} conditions, checked on the targets’ disks and processes.`),
    ],
    [part(`  ${seconds(report.seconds * 1000)}, ${memory}.`, 'faint')],
  );
}

/** Where it is to be seen, and what to type for a change of one's own. */
export function tellInvitation(
  screen: DemoScreen,
  directory: DemoDirectory,
  { server, processes, cwd }: { readonly server: string; readonly processes: number; readonly cwd: string },
): void {
  const change = typedPath(join(EXAMPLES, 'your-change.yaml'), cwd);
  const content = typedPath(join(EXAMPLES, 'shop-yours.json'), cwd);
  const folder = typedPath(directory.commandFolder, cwd);
  const command = (text: string) => [part(`  ${text}`, 'strong')];
  screen.lines(
    [],
    [part('It stays up: '), part(server, 'strong')],
    [],
    [part('A change of your own: edit '), part(content, 'strong')],
    [part('and then, in another terminal:')],
    ...(folder === '.' ? [] : [command(`cd ${folder}`)]),
    command(`npx ringfence apply -f ${change}`),
    command('npx ringfence plan mine'),
    command('npx ringfence rollout start mine --watch'),
    [],
    [part(`Ctrl-C ends all ${processes} processes. Their logs: ${typedPath(directory.logs, cwd)}`)],
  );
}

export function deathLines({ name, how, logFile, lastLines }: Death, cwd: string): readonly StyledLine[] {
  return [
    [part(`${name} ${how}`, 'bad'), part(`; the end of ${typedPath(logFile, cwd)}:`)],
    ...lastLines.map((line) => [part(`  | ${line}`, 'faint')]),
  ];
}

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CliError } from '../cli/cliError.ts';
import type { Exit } from '../cli/exitCodes.ts';
import type { Output } from '../cli/output.ts';
import { closingTable } from './closingTable.ts';
import {
  assertOursOrNew,
  claimDirectory,
  type DemoDirectory,
  demoDirectory,
  findRunningDemo,
} from './demoDirectory.ts';
import { installLogin } from './demoLogin.ts';
import { claimPorts } from './demoPorts.ts';
import { checkStory, type DemoReport } from './demoReport.ts';
import { DemoScreen, part, seconds } from './demoScreen.ts';
import { watchLifeline } from './lifeline.ts';
import { processMemory } from './processMemory.ts';
import { EXAMPLES, typedPath } from './programs.ts';
import { BASELINE, fileDigest } from './shopFiles.ts';
import { startParts } from './startParts.ts';
import { type Death, Supervisor } from './supervisor.ts';
import { refusalsOf, type Stage, tellChange } from './tellChanges.ts';

export interface DemoOptions {
  /** End after the story instead of staying up. */
  readonly exit: boolean;
  /** Where the {@link DemoReport} goes. */
  readonly report: string | undefined;
  /** 0: any that is free. */
  readonly port: number;
  readonly opampPort: number;
  readonly directory: string;
}

/** Somebody asked the demo to end, or whoever started it is gone. */
class Interrupted extends Error {}

/**
 * The whole of Ringfence on this machine, told as a story: a fleet of real services, a good change and a bad one, and figures
 * taken from the targets. With `exit` it ends `done` only if the story came true. Whatever ends it ends every process it started.
 */
export async function runDemo(
  options: DemoOptions,
  output: Output,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<Exit> {
  const directory = demoDirectory(resolve(cwd, options.directory));
  assertOursOrNew(directory.root);
  await refuseSecondStart(directory.root);

  const screen = new DemoScreen(output);
  const alarm = Promise.withResolvers<never>();
  alarm.promise.catch(() => {});
  let storyEnded = false;
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => screen.close());

  const interrupt = (why: string) => alarm.reject(new Interrupted(why));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt(signal));
  watchLifeline(env, (who) => interrupt(`${who} is gone`));

  const earlierToken = textOf(directory.adminTokenFile);
  const ports = await claimPorts(options, directory.root, (text) => screen.lines([part(text, 'faint')]));
  const server = `http://127.0.0.1:${ports.port}`;
  const claim = await claimDirectory(directory, server);
  cleanup.defer(() => claim.release());

  const supervisor = new Supervisor({
    logs: directory.logs,
    cache: directory.cache,
    onDeath: (death) => {
      screen.lines(...deathLines(death, cwd));
      if (!storyEnded || death.name === 'server')
        alarm.reject(new CliError('unexpected', `the demo cannot go on: ${death.name} ${death.how}`));
    },
  });
  cleanup.defer(() => supervisor.stop());

  try {
    const startedAtMs = Date.now();
    const started = await Promise.race([
      startParts(supervisor, directory, ports, screen, output.glyphs, cleanup),
      alarm.promise,
    ]);
    const login = installLogin(
      directory.commandFolder,
      { server, token: started.controlPlane.adminToken },
      earlierToken,
    );
    cleanup.defer(() => login.remove());
    const stage: Stage = { ...started, screen, glyphs: output.glyphs, ended: supervisor.ended };
    const story = await Promise.race([tellStory(stage), alarm.promise]);
    const report: DemoReport = {
      ...story,
      seconds: (Date.now() - startedAtMs) / 1000,
      memory: processMemory([process.pid, ...supervisor.pids()]),
    };
    showEnding(screen, output, report);
    if (options.report !== undefined) writeReport(resolve(cwd, options.report), report);
    storyEnded = true;
    if (options.exit) return report.cameTrue ? 'done' : 'unexpected';
    showInvitation(screen, directory, server, supervisor.pids().length, cwd);
    return await alarm.promise;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    screen.live(null);
    screen.lines([part(`${error.message}: ending all ${supervisor.pids().length} processes`, 'faint')]);
    return storyEnded ? 'done' : 'interrupted';
  }
}

async function refuseSecondStart(root: string): Promise<void> {
  const running = await findRunningDemo(root);
  if (running === null) return;
  throw new CliError(
    'refused',
    `a demo runs in ${root} already (process ${running.pid}), at ${running.server}; nothing was touched`,
    {
      remedy: `Stop it with Ctrl-C in its terminal or with "kill ${running.pid}", or start another one with --directory and --port.`,
    },
  );
}

/** Both changes, one after the other, and whether what was found on the targets is what should be. */
async function tellStory(stage: Stage): Promise<Omit<DemoReport, 'seconds' | 'memory'>> {
  const { screen } = stage;
  const baseline = fileDigest(BASELINE);
  screen.lines(
    [],
    [part('A good change', 'strong'), part(': twice as many results on a page (resultsPerPage 10 → 20)')],
  );
  const good = await tellChange(stage, 'good-change.yaml', 'shop-more-results.json');
  screen.lines(
    [],
    [part('A bad change', 'strong'), part(': valid by its schema, harmless on web (supplierTimeoutMs 400 → 15)')],
  );
  const bad = await tellChange(stage, 'bad-change.yaml', 'shop-impatient.json');
  const refusal = (await refusalsOf(stage.controlPlane, bad.change)).find(({ code }) => code === 'quarantined');
  const conditions = checkStory(good, bad, { baseline: baseline ?? '', quarantined: refusal !== undefined });
  return { cameTrue: conditions.every(({ held }) => held), conditions, changes: { good, bad } };
}

function showEnding(screen: DemoScreen, output: Output, report: DemoReport): void {
  screen.lines([], [part('What happened, in figures taken from the targets', 'strong')]);
  screen.lines(...closingTable(report, screen.width));
  screen.lines([]);
  for (const { says, found } of report.conditions.filter((condition) => !condition.held)) {
    screen.lines([part(`${output.glyphs.bad} not true: `, 'bad'), part(`${says} (found: ${found})`)]);
  }
  const { processes, residentBytes, proportionalBytes } = report.memory;
  const memory = `${processes} processes, ${Math.round((proportionalBytes ?? residentBytes) / 2 ** 20)} MB`;
  const conditions = `${report.conditions.length} conditions checked on the targets’ own disks and processes`;
  if (report.cameTrue)
    screen.lines([
      part(`${output.glyphs.done} `, 'good'),
      part(`${conditions}: all true. ${seconds(report.seconds * 1000)}, ${memory}.`),
    ]);
}

function showInvitation(
  screen: DemoScreen,
  directory: DemoDirectory,
  server: string,
  processes: number,
  cwd: string,
): void {
  const change = typedPath(join(EXAMPLES, 'your-change.yaml'), cwd);
  const content = typedPath(join(EXAMPLES, 'shop-yours.json'), cwd);
  const folder = typedPath(directory.commandFolder, cwd);
  const command = (text: string) => [part(`  npx ringfence ${text}`, 'strong')];
  screen.lines(
    [],
    [part('It stays up: '), part(server, 'strong')],
    [part(`A change of your own: edit ${content}, then in another terminal`)],
    ...(folder === '.' ? [] : [[part(`  cd ${folder}`, 'strong')]]),
    command(`apply -f ${change}`),
    command('plan mine'),
    command('rollout start mine --watch'),
    [part(`Logs: ${typedPath(directory.logs, cwd)}. Ctrl-C ends all ${processes} processes.`)],
  );
}

function deathLines({ name, how, logFile, lastLines }: Death, cwd: string) {
  return [
    [part(`${name} ${how}`, 'bad'), part(`; the end of ${typedPath(logFile, cwd)}:`)],
    ...lastLines.map((line) => [part(`  | ${line}`, 'faint')]),
  ];
}

/** Whole or not at all: whoever waits for the file may read it as soon as it is there. */
function writeReport(file: string, report: DemoReport): void {
  const draft = `${file}.${process.pid}.new`;
  try {
    writeFileSync(draft, `${JSON.stringify(report, null, 2)}\n`);
    renameSync(draft, file);
  } catch (error) {
    throw new CliError('unexpected', `the report cannot be written to ${file}: ${(error as Error).message}`);
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}

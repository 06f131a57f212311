import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CliError } from '../cli/cliError.ts';
import type { Exit } from '../cli/exitCodes.ts';
import type { Output } from '../cli/output.ts';
import type { StyledLine } from '../cli/terminal/styledLine.ts';
import { assertOursOrNew, claimDirectory, demoDirectory, findRunningDemo } from './demoDirectory.ts';
import { installLogin } from './demoLogin.ts';
import { claimPorts } from './demoPorts.ts';
import { checkStory, type DemoReport } from './demoReport.ts';
import { DemoScreen, part } from './demoScreen.ts';
import { watchLifeline } from './lifeline.ts';
import { processMemory } from './processMemory.ts';
import { EXAMPLES } from './programs.ts';
import { BASELINE, configDifference, fileDigest } from './shopFiles.ts';
import { startParts } from './startParts.ts';
import { Supervisor } from './supervisor.ts';
import { refusalsOf, type Scene, tellChange } from './tellChanges.ts';
import { deathLines, tellEnding, tellInvitation } from './tellEnding.ts';

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

const ENDING_SIGNALS = { SIGINT: 'Ctrl-C', SIGTERM: 'told to end', SIGHUP: 'its terminal is closed' };

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
  const reportFile = options.report === undefined ? null : reportPlace(resolve(cwd, options.report));
  assertOursOrNew(directory.root);
  await refuseSecondStart(directory.root);

  const screen = new DemoScreen(output);
  const alarm = Promise.withResolvers<never>();
  alarm.promise.catch(() => {});
  /** How the demo ends when it is told to: `null` before the story has. */
  let outcome: Exit | null = null;
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => screen.close());

  const interrupt = (why: string) => alarm.reject(new Interrupted(why));
  for (const [signal, why] of Object.entries(ENDING_SIGNALS)) process.on(signal, () => interrupt(why));
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
      if (outcome === null || death.name === 'server')
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
    const scene: Scene = { ...started, screen, glyphs: output.glyphs, ended: supervisor.ended };
    const story = await Promise.race([tellStory(scene), alarm.promise]);
    const report: DemoReport = {
      ...story,
      seconds: (Date.now() - startedAtMs) / 1000,
      memory: processMemory([process.pid, ...supervisor.pids()]),
    };
    tellEnding(screen, output.glyphs, report);
    if (reportFile !== null) writeReport(reportFile, report);
    outcome = report.cameTrue ? 'done' : 'unexpected';
    if (options.exit) return outcome;
    tellInvitation(screen, directory, { server, processes: supervisor.pids().length + 1, cwd });
    return await alarm.promise;
  } catch (error) {
    screen.live(null);
    if (!(error instanceof Interrupted)) throw asCliError(error, directory.logs);
    screen.lines([part(`${error.message}: ending all ${supervisor.pids().length + 1} processes`, 'faint')]);
    return outcome ?? 'interrupted';
  }
}

function asCliError(error: unknown, logs: string): CliError {
  if (error instanceof CliError) return error;
  const says = error instanceof Error ? error.message : String(error);
  return new CliError('unexpected', `the demo cannot go on: ${says}`, {
    remedy: `What each process said is in ${logs}.`,
  });
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
async function tellStory(scene: Scene): Promise<Omit<DemoReport, 'seconds' | 'memory'>> {
  const { screen } = scene;
  const baseline = fileDigest(BASELINE);
  screen.lines([], headline('A good change', BASELINE, GOOD, 'more of what customers look for'));
  const good = await tellChange(scene, 'good-change.yaml', GOOD);
  screen.lines([], headline('A bad change', GOOD, BAD, 'valid by its schema, harmless on web'));
  const bad = await tellChange(scene, 'bad-change.yaml', BAD);
  const refusal = (await refusalsOf(scene.controlPlane, bad.change)).find(({ code }) => code === 'quarantined');
  const { pilot, broad } = bad.reached;
  const done = part(`  ${scene.glyphs.done} `, 'good');
  if (pilot.reached + broad.reached === 0) screen.lines([done, part('pilot and broad never saw it')]);
  if (refusal !== undefined) screen.lines([done, part('quarantined: to start it again is refused')]);
  const conditions = checkStory(good, bad, { baseline: baseline ?? '', quarantined: refusal !== undefined });
  return { cameTrue: conditions.every(({ held }) => held), conditions, changes: { good, bad } };
}

const GOOD = join(EXAMPLES, 'shop-more-results.json');
const BAD = join(EXAMPLES, 'shop-impatient.json');

function headline(what: string, before: string, after: string, says: string): StyledLine {
  return [part(what, 'strong'), part(`: ${configDifference(before, after)}; ${says}`)];
}

/** Refused now rather than after the story. */
function reportPlace(file: string): string {
  if (statSync(dirname(file), { throwIfNoEntry: false })?.isDirectory()) return file;
  throw new CliError('usage', `--report: there is no folder ${dirname(file)}`);
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

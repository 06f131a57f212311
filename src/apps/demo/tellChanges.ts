import { join } from 'node:path';
import { applyResponse } from '../../wire/http/manifest.ts';
import { planRollout } from '../../wire/http/plan.ts';
import { getRollout, type RolloutBody, rolloutView } from '../../wire/http/rollout.ts';
import type { Glyphs } from '../cli/terminal/glyphs.ts';
import type { ChangeReport } from './demoReport.ts';
import { type DemoScreen, part } from './demoScreen.ts';
import { eventually } from './eventually.ts';
import { measureChange } from './measureChange.ts';
import type { ControlPlane } from './parts.ts';
import { EXAMPLES, typedPath } from './programs.ts';
import { ringfenceCommand } from './ringfenceCommand.ts';
import { RolloutStory } from './rolloutStory.ts';
import { type RunningFleet, takeSnapshot } from './runningFleet.ts';
import { fileDigest } from './shopFiles.ts';

/** A rollout that has not ended by then never will, and the demo says where it stands. */
const ROLLOUT_MS = 5 * 60_000;

/** What a change is told on. */
export interface Scene {
  readonly screen: DemoScreen;
  readonly glyphs: Glyphs;
  readonly controlPlane: ControlPlane;
  readonly fleet: RunningFleet;
  /** Aborted when the demo ends. */
  readonly ended: AbortSignal;
}

/** A command as a person would type it, shown and then run. */
async function showAndRun({ screen, controlPlane }: Scene, args: readonly string[]): Promise<unknown> {
  const shown = args.map((arg) => (arg.startsWith(EXAMPLES) ? typedPath(arg) : arg));
  screen.lines([part('  $ ', 'faint'), part(`ringfence ${shown.join(' ')}`, 'faint')]);
  return ringfenceCommand(args, { server: controlPlane.server, token: controlPlane.adminToken });
}

/**
 * Applies a change, whose bytes `file` holds, starts its rollout, tells how it goes until it has ended, and measures on the
 * targets what it did.
 */
export async function tellChange(scene: Scene, manifest: string, file: string): Promise<ChangeReport> {
  const { screen, glyphs, fleet } = scene;
  const { applied } = applyResponse.parse(await showAndRun(scene, ['apply', '-f', join(EXAMPLES, manifest)]));
  const name = applied[0]?.name ?? '';
  const start = await takeSnapshot(fleet);
  const view = rolloutView.parse(await showAndRun(scene, ['rollout', 'start', name]));
  const rollout = await follow(scene, view.rollout.id, new RolloutStory(glyphs, screen.width, Date.now()));
  const end = await takeSnapshot(fleet);
  const artifact = fileDigest(file);
  if (artifact === null) throw new Error(`${file} is gone`);
  return measureChange(fleet, rollout, artifact, start, end);
}

async function follow({ controlPlane, screen, ended }: Scene, id: string, story: RolloutStory): Promise<RolloutBody> {
  let says = '';
  try {
    return await eventually(
      `the end of ${id}`,
      ended,
      async () => {
        const view = await controlPlane.api.call(getRollout, { params: { id } });
        says = view.says;
        screen.lines(...story.told(view, Date.now()));
        if (view.rollout.endedAt !== null) return view.rollout;
        screen.live(() => story.present(view, Date.now()));
        return null;
      },
      ROLLOUT_MS,
    );
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}; it says: ${says}`);
  } finally {
    screen.live(null);
  }
}

/** Why starting this change now would be refused: names of refusals, with what each says. */
export async function refusalsOf(
  { api }: ControlPlane,
  change: string,
): Promise<readonly { code: string; says: string }[]> {
  const plan = await api.call(planRollout, { body: { change } });
  return plan.refusals;
}

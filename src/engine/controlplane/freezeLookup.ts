import type { DurationMs, Instant } from '../../core/kernel/instant.ts';
import type { Change } from '../../core/policy/change.ts';
import { boundPlan } from '../../core/policy/fastTrack.ts';
import type { FreezeWindow } from '../../core/policy/freeze.ts';
import { earliestPeaks, leastBakingMs, PEAKS_AHEAD_MS, type PeakWindow } from '../../core/policy/peak.ts';
import type { Pipeline } from '../../core/policy/pipeline.ts';
import type { Command } from '../../core/record/decideCommand.ts';
import type { World } from '../../core/record/world.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import type { Calendar } from '../ports/calendar.ts';

/** The one way in which the calendar reaches a decision: freezes (law 14) and peaks (law 4), as windows. */
export class FreezeLookup {
  readonly #calendar: Calendar;

  constructor(calendar: Calendar) {
    this.#calendar = calendar;
  }

  /** What binds the service now, and what begins within `aheadMs`, by its start. */
  of(world: World, service: string, now: Instant, aheadMs: DurationMs = 0): readonly FreezeWindow[] {
    const windows: FreezeWindow[] = [];
    for (const { freeze } of world.freezes.values()) {
      if (freeze.services.length > 0 && !freeze.services.includes(service)) continue;
      windows.push(...this.#calendar.windows(freeze, now, now + aheadMs + 1));
    }
    return windows.sort((a, b) => a.starts - b.starts);
  }

  /** What stands in the way of a change: what binds its service now, and what begins before its rollout could be done. */
  ahead(world: World, change: Change, pipeline: Pipeline, now: Instant): readonly FreezeWindow[] {
    const service = world.services.get(change.service);
    const bound = service === undefined ? pipeline : boundPlan(world, change, pipeline, service).pipeline;
    return this.of(world, change.service, now, leastBakingMs(bound, now, this.#earliest(bound, now)));
  }

  /** For each stage that a change passes: the peak that its bake would cover first. */
  peaksAhead(world: World, change: Change, pipeline: Pipeline, now: Instant): readonly (PeakWindow | null)[] {
    const service = world.services.get(change.service);
    return this.#earliest(service === undefined ? pipeline : boundPlan(world, change, pipeline, service).pipeline, now);
  }

  #earliest(bound: Pipeline, now: Instant): readonly (PeakWindow | null)[] {
    return earliestPeaks(bound, now, (peak, from, until) => this.#calendar.peaks(peak, from, until));
  }

  /** While the present stage bakes and asks for a peak: those that its bake may cover (law 4). */
  peaksOf({ phase, pipeline, stage, since }: Rollout): { readonly peaks?: readonly PeakWindow[] } {
    const peak = pipeline.stages[stage]?.bake.peak;
    if (phase !== 'baking' || peak === undefined) return {};
    return { peaks: this.#calendar.peaks(peak, since, since + PEAKS_AHEAD_MS) };
  }

  /**
   * The command with the freezes of the world it is decided in: what was looked up when it was sent is older than what was
   * decided while it waited, and a freeze binds at once.
   */
  refresh(world: World, command: Command, now: Instant): Command {
    if (command.type === 'start') {
      const change = world.changes.get(command.change);
      const pipeline = world.pipelines.get(command.pipeline);
      if (change === undefined || pipeline === undefined) return command;
      const freezes = this.ahead(world, change, pipeline, now);
      return { ...command, conditions: { ...command.conditions, freezes } };
    }
    if (command.type !== 'rollout' || !('assessment' in command.input)) return command;
    const service = world.rollouts.get(command.id)?.change.service;
    if (service === undefined) return command;
    const assessment = { ...command.input.assessment, freezes: this.of(world, service, now) };
    return { ...command, input: { ...command.input, assessment } };
  }
}

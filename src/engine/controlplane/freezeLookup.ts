import type { DurationMs, Instant } from '../../core/kernel/instant.ts';
import type { FreezeWindow } from '../../core/policy/freeze.ts';
import { minimumMs } from '../../core/policy/planRollout.ts';
import type { Command } from '../../core/record/decideCommand.ts';
import type { World } from '../../core/record/world.ts';
import type { Calendar } from '../ports/calendar.ts';

/** The one way in which freezes reach a decision (law 14): as the windows of a service, looked up in the calendar of one world. */
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

  /**
   * The command with the freezes of the world it is decided in: what was looked up when it was sent is older than what was
   * decided while it waited, and a freeze binds at once.
   */
  refresh(world: World, command: Command, now: Instant): Command {
    if (command.type === 'start') {
      const service = world.changes.get(command.change)?.service;
      const pipeline = world.pipelines.get(command.pipeline);
      if (service === undefined || pipeline === undefined) return command;
      const freezes = this.of(world, service, now, minimumMs(pipeline));
      return { ...command, conditions: { ...command.conditions, freezes } };
    }
    if (command.type !== 'rollout' || !('assessment' in command.input)) return command;
    const service = world.rollouts.get(command.id)?.change.service;
    if (service === undefined) return command;
    const assessment = { ...command.input.assessment, freezes: this.of(world, service, now) };
    return { ...command, input: { ...command.input, assessment } };
  }
}

import type { Instant } from '../../core/kernel/instant.ts';
import type { Refusal } from '../../core/kernel/refusal.ts';
import { type Command, decideCommand } from '../../core/record/decideCommand.ts';
import type { World } from '../../core/record/world.ts';
import type { Assessment } from '../../core/rollout/assessment.ts';
import type { Rollout } from '../../core/rollout/rollout.ts';
import type { Deed } from '../../wire/http/deed.ts';
import type { ForeseenDeed } from '../ports/foreseenDeed.ts';

interface Sight {
  readonly world: World;
  readonly rollout: Rollout;
  readonly assessment: Assessment;
  readonly actor: string;
  readonly now: Instant;
  /** As the queue does before it decides: freezes and what else depends on the hour. */
  readonly refresh: (world: World, command: Command, now: Instant) => Command;
}

const WHY = 'to see';

/** What an actor could do to a rollout now. It is decided as it would be if they did it, by the same function, and appended nowhere. */
export function foreseeDeeds({ world, rollout, assessment, actor, now, refresh }: Sight): readonly ForeseenDeed[] {
  const { id, change, pipeline } = rollout;
  const of = { change: change.digest, pipeline: pipeline.name, rollout: id };
  const commands: Readonly<Record<Deed, Command>> = {
    pause: { type: 'rollout', id, input: { type: 'pause', reason: WHY } },
    resume: { type: 'rollout', id, input: { type: 'resume' } },
    promote: { type: 'rollout', id, input: { type: 'promote', assessment } },
    rollback: { type: 'rollout', id, input: { type: 'rollback', reason: WHY } },
    approve: { type: 'approve', of, before: null, reason: '' },
    reject: { type: 'reject', of, before: null, reason: WHY },
    halt: { type: 'halt', reason: WHY },
    lift: { type: 'lift' },
  };
  return Object.entries(commands).map(([deed, command]) => ({
    deed: deed as Deed,
    refusals: refusalsOf(world, refresh(world, command, now), now, actor),
  }));
}

function refusalsOf(world: World, command: Command, now: Instant, actor: string): readonly Refusal[] {
  const decision = decideCommand(world, command, now, actor);
  return decision.ok ? [] : decision.error;
}

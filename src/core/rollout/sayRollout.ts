import { formatDuration, type Instant } from '../kernel/instant.ts';
import { sayBreakGlass } from '../policy/breakGlass.ts';
import { bindingAt, sayFrozen } from '../policy/freeze.ts';
import type { Assessment } from './assessment.ts';
import { sayAwaitedPeak } from './bakePeak.ts';
import type { HoldReason } from './hold.ts';
import type { Rollout } from './rollout.ts';
import { sayRules } from './ruleGate.ts';
import { sayReason } from './sayReason.ts';

/** What a rollout does or waits for at this moment, in one sentence with its figures. */
export function sayRollout(rollout: Rollout, assessment: Assessment, now: Instant): string {
  return withBreakGlass(sayStanding(rollout, assessment, now), rollout, now);
}

/** The same for one that has ended, which needs no assessment; `null` while it has not. */
export function sayEnd(rollout: Rollout, now: Instant): string | null {
  const says = sayOutcome(rollout);
  return says === null ? null : withBreakGlass(says, rollout, now);
}

function withBreakGlass(says: string, { breakGlass }: Rollout, now: Instant): string {
  return breakGlass === null ? says : `${says} [${sayBreakGlass(breakGlass, now)}]`;
}

function sayStanding(rollout: Rollout, assessment: Assessment, now: Instant): string {
  const { tally } = assessment;
  const stage = rollout.pipeline.stages[rollout.stage];
  const name = stage?.name ?? '';
  const ended = sayOutcome(rollout);
  if (ended !== null) return ended;
  switch (rollout.phase) {
    case 'rollingBack':
      if (rollout.change.irreversible !== undefined)
        return `stopping, ${targets(tally.notBack)} not at rest yet, ${targets(tally.kept)} at rest with it: ${rollout.rollback?.says ?? ''}`;
      return `rolling back, ${tally.notBack} ${tally.notBack === 1 ? 'target' : 'targets'} not back yet${rollout.release === null ? '' : `, ${tally.moving} under way`}: ${rollout.rollback?.says ?? ''}`;
    case 'rolling':
    case 'rehearsing':
    case 'baking':
    case 'ready':
    case 'completed':
    case 'rolledBack':
      break;
  }
  if (rollout.paused !== null)
    return `paused by ${rollout.paused.by}${rollout.paused.reason === '' ? '' : `: ${rollout.paused.reason}`}`;
  if (rollout.holds.length > 0)
    return `held in "${name}": ${rollout.holds.map((reason) => sayHold(reason, rollout, assessment, now)).join('; ')}`;
  if (rollout.phase === 'ready') return `"${name}" has passed; the next stage opens`;
  if (rollout.phase === 'rehearsing') {
    return `rehearsing the way back in "${name}": ${tally.notBack} of ${tally.opened} targets not back yet`;
  }
  if (rollout.phase === 'rolling') {
    const waves = rollout.plan[rollout.stage]?.waves.length ?? 1;
    const { pace } = rollout;
    const most = pace === null ? '' : `; at most ${pace.concurrency} at once (${pace.says})`;
    return `"${name}", wave ${rollout.wave + 1} of ${waves}: ${tally.confirmed} of ${tally.opened} targets confirmed${most}`;
  }
  const bake = stage?.bake;
  const baked = `${formatDuration(Math.min(now - rollout.since, bake?.minimumMs ?? 0))} of ${formatDuration(bake?.minimumMs ?? 0)}`;
  const exposure = bake?.exposure ?? null;
  const awaited = sayAwaitedPeak(rollout, assessment, now);
  const peak = awaited === null ? '' : `; ${awaited}`;
  if (exposure === null) return `"${name}" bakes: ${baked}${peak}`;
  const roles = rollout.change.roles.map(
    (role) => `${role} ${Math.floor(assessment.exposure[role] ?? 0)} of ${exposure.atLeast} ${exposure.metric}`,
  );
  return `"${name}" bakes: ${baked}; ${roles.join(', ')}${peak}`;
}

function sayOutcome({ phase, rollback, kept }: Rollout): string | null {
  if (phase === 'completed') return 'completed: its change is the last known good';
  if (phase !== 'rolledBack') return null;
  const how = kept === undefined || kept === 0 ? 'rolled back' : `stopped, not undone on ${targets(kept)}`;
  return `${how}: ${rollback?.says ?? ''}`;
}

function targets(count: number): string {
  return `${count} ${count === 1 ? 'target' : 'targets'}`;
}

/** A freeze is said as it stands now: while it holds, others may begin and end. */
function sayHold(reason: HoldReason, rollout: Rollout, assessment: Assessment, now: Instant): string {
  if (reason === 'rule-refused') return sayRules(rollout, assessment, now) || sayReason(reason, rollout, assessment);
  const binding = reason === 'frozen' ? bindingAt(assessment.freezes, now) : [];
  return binding.length > 0 ? sayFrozen(binding) : sayReason(reason, rollout, assessment);
}

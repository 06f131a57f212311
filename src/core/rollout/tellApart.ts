import type { Suspicion } from '../analysis/blame.ts';
import type { DurationMs, Instant } from '../kernel/instant.ts';
import type { Assessment } from './assessment.ts';
import { COMMON_CAUSE_MS, failsByChecksAlone } from './commonCause.ts';
import type { HoldReason } from './hold.ts';
import { presentStage } from './presentStage.ts';
import type { Rollout } from './rollout.ts';

/*
 * Law 13: rollouts of services that need each other may be under way at once where their pipelines say `neighbours: tellApart`. Then
 * what is wrong with any target around goes to whom blame gives it to:
 *
 *   blamed      it holds, and goes back as soon as everybody had the time to notice the same
 *   contested   everyone who may have done it holds; after a while the one that fits best goes back, and what is still wrong when it is
 *               gone was not its doing
 *   cleared     it holds while its own targets are unhealthy by another's doing, and else goes on
 *
 * Guardrails compare targets with others of the same role at the same moment, so what they find is nobody else's doing: they roll
 * back as ever. So does an apply that fails, and silence.
 */

/** When it does not become clear by itself in this time, it is found out by taking one back. */
export const CONTESTED_MS: DurationMs = 60_000;

/** What there is to say of this rollout; `null` where its pipeline does not ask for it, or nothing is wrong. */
function suspicionOf({ id, pipeline }: Rollout, { blame }: Assessment): Suspicion | null {
  if (pipeline.neighbours !== 'tellApart' || blame === undefined) return null;
  return blame.ranked.find(({ rollout }) => rollout === id) ?? null;
}

/** It is to blame, or as likely as another, for more than its stage tolerates. */
function accused(rollout: Rollout, assessment: Assessment): 'blamed' | 'contested' | null {
  const suspicion = suspicionOf(rollout, assessment);
  if (suspicion === null || suspicion.outcome === 'cleared') return null;
  return suspicion.votes > presentStage(rollout).tolerateFailures ? suspicion.outcome : null;
}

/** Its targets fail by their own checks alone, and blame gives that to another, or cannot say whose doing it is. */
export function isSpared(rollout: Rollout, assessment: Assessment): boolean {
  const { tally, blame } = assessment;
  const suspicion = suspicionOf(rollout, assessment);
  if (suspicion === null || blame === undefined || !failsByChecksAlone(tally)) return false;
  return blame.outcome !== 'none' && suspicion.outcome !== 'blamed';
}

/** Why it goes back for what is wrong elsewhere; `null`: it does not, or not yet. */
export function accusation(rollout: Rollout, assessment: Assessment, now: Instant): string | null {
  const { blame } = assessment;
  const outcome = accused(rollout, assessment);
  if (blame === undefined || blame.since === null || outcome === null) return null;
  const forMs = now - blame.since;
  if (outcome === 'blamed') return forMs >= COMMON_CAUSE_MS ? blame.says : null;
  const contested = blame.ranked.filter((each) => each.outcome === 'contested' && each.state !== 'completed');
  // One after the other: while one is on its way back, or just gone, whether the harm goes with it is not known yet.
  const [first] = contested;
  const waits = contested.some(({ state }) => state === 'back') || first?.rollout !== rollout.id;
  if (waits || forMs < CONTESTED_MS) return null;
  return `it goes back first, to find out which it was: ${blame.says}`;
}

export function holdsFromBlame(rollout: Rollout, assessment: Assessment): ReadonlySet<HoldReason> {
  const holds = new Set<HoldReason>();
  const outcome = accused(rollout, assessment);
  if (outcome === 'blamed') holds.add('blamed');
  if (outcome === 'contested') holds.add('harm-contested');
  const beyond = assessment.tally.failed > presentStage(rollout).tolerateFailures;
  if (outcome === null && beyond && isSpared(rollout, assessment)) holds.add('harm-beside');
  return holds;
}

import type { Refusal } from '../kernel/refusal.ts';
import type { Change } from './change.ts';
import type { Pipeline } from './pipeline.ts';
import type { PlanStage } from './plan.ts';

/** Law 3: what is proven on one role proves nothing for another, so every role must be in the first stage. */
export function refuseByTargets(change: Change, pipeline: Pipeline, stages: readonly PlanStage[]): readonly Refusal[] {
  const refusals: Refusal[] = [];
  stages.forEach((stage, index) => {
    if (stage.targets === 0) {
      refusals.push({
        code: 'selector-matches-nobody',
        says: `stage "${stage.name}" of pipeline "${pipeline.name}" selects ${stage.selects}, and no target of role ${change.roles.join(' or ')} is left for it`,
        remedy: 'mend the selector, enrol such targets, or take the stage out',
      });
      return;
    }
    const missing = change.roles.filter((role) => stage.byRole[role] === undefined);
    if (index === 0 && missing.length > 0) {
      refusals.push({
        code: 'selector-matches-nobody',
        says: `the first stage "${stage.name}" has no target of role ${missing.join(' or ')}: what is proven there would prove nothing for that role`,
        remedy: 'put targets of every role into the first stage, or make a change for each role',
      });
    }
  });
  return refusals;
}

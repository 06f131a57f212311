import { artifactsOn, type LoggedRollout } from '../logBook.ts';
import type { Truth } from '../truth.ts';

/** How many requests the targets of a role in a stage have really answered under the change, at most. */
export function requestsUnder(truth: Truth, rollout: LoggedRollout, role: string, stage: number): number {
  let answered = 0;
  for (const machine of truth.scene.machines) {
    if (machine.role !== role) continue;
    // One that was installed anew stands elsewhere in the order now; what it had answered before counts.
    const isThere = truth.log.openedStage(rollout, truth.uidOf(machine), role, machine.labels) === stage;
    if (!isThere && !machine.wasReinstalled) continue;
    answered += Math.max(
      0,
      ...artifactsOn(rollout, role).map(([slot, artifact]) => machine.answeredAtMost(slot, artifact)),
    );
  }
  return answered;
}

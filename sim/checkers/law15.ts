import type { DomainEvent } from '../../src/core/record/event.ts';
import type { StoredEvent } from '../../src/wire/storedEvent.ts';
import type { LoggedRollout } from '../logBook.ts';
import type { Truth } from '../truth.ts';
import type { Judge } from './checker.ts';

/** What was decided just before break-glass is over is on the disk just after. */
const SLACK_MS = 300;

/**
 * Law 15: nothing passes a gate without as many different people as the pipeline asks for, of whom none wrote or started it and none
 * said no; or break-glass of two people with a reason, before it has expired.
 */
export function law15(truth: Truth): Judge {
  const { agreements } = truth;

  const judgeGate = (rollout: LoggedRollout, before: string): string | null => {
    const asked = rollout.pipeline.approvals?.filter((rule) => rule.before === before) ?? [];
    const plan = { change: rollout.change.digest, pipeline: rollout.pipeline.name };
    if (asked.length === 0 || agreements.isBroken(plan, truth.serverTime - SLACK_MS)) return null;
    const own = [agreements.authorOf(rollout.change.digest), agreements.starterOf(rollout.id)];
    const words = [...(agreements.on(plan).words.get(before) ?? [])];
    const rejected = words.find(([, word]) => word === 'rejected');
    if (rejected !== undefined)
      return `${rollout.id} passes the gate before "${before}", which ${rejected[0]} rejected`;
    const given = words.filter(([person, word]) => word === 'approved' && !own.includes(person)).length;
    const needed = asked.reduce((sum, { count }) => sum + count, 0);
    return given >= needed
      ? null
      : `${rollout.id} passes the gate before "${before}" with ${given} approvals of others, and ${needed} are asked for`;
  };

  const judge = (stored: StoredEvent): string | null => {
    const event = { type: stored.type, data: stored.data } as unknown as DomainEvent;
    switch (event.type) {
      case 'ApprovalGiven': {
        const { plan, person } = event.data;
        const isOwn = agreements.authorOf(plan.change) === person;
        return isOwn ? `${person} approves "${plan.name}", which is their own` : null;
      }
      case 'BreakGlassConfirmed': {
        const { glass } = agreements.on(event.data.plan);
        return glass === null || glass.askedBy === glass.confirmedBy
          ? `${event.data.person} confirms break-glass that nobody else has asked for`
          : null;
      }
      case 'RolloutStarted': {
        const rollout = truth.log.rollouts.get(event.data.id);
        return rollout === undefined ? null : judgeGate(rollout, 'start');
      }
      case 'WaveOpened': {
        const { id, stage, wave } = event.data;
        const rollout = truth.log.rollouts.get(id);
        const name = rollout?.pipeline.stages[stage]?.name;
        if (rollout === undefined || name === undefined) return null;
        return stage === 0 || wave > 0 ? null : judgeGate(rollout, name);
      }
      default:
        return null;
    }
  };

  return {
    take: (fact) => {
      if (fact.kind !== 'appended') return null;
      for (const event of fact.events) {
        const says = judge(event);
        if (says !== null) return says;
      }
      return null;
    },
  };
}

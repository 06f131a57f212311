import type { DomainEvent } from '../record/event.ts';
import type { Assessment } from './assessment.ts';
import { decideRollout, type RolloutInput } from './decideRollout.ts';
import { after, assessment, pipeline, rolloutOf, stage } from './fixtures.ts';
import type { Rollout, RolloutPhase } from './rollout.ts';

/** How tests of the rollout tell a story: what is looked at, what comes of it in a line, and a rollout in every phase. */

export const assess = (more: Partial<Assessment> = {}): RolloutInput => ({
  type: 'assess',
  assessment: assessment(more),
});

/** The events as one short line each, and the rollout after them. */
export function decide(rollout: Rollout, input: RolloutInput, now: number): { says: string[]; rollout: Rollout } {
  const decision = decideRollout(rollout, input, now);
  if (!decision.ok) return { says: [`refused ${decision.error.code}`], rollout };
  return { says: decision.value.map(short), rollout: after(rollout, decision.value, now) };
}

function short(event: DomainEvent): string {
  switch (event.type) {
    case 'WaveOpened':
      return `WaveOpened ${event.data.stage}.${event.data.wave}`;
    case 'HoldRaised':
    case 'HoldLifted':
      return `${event.type} ${event.data.reason}`;
    case 'RollbackOrdered':
      return `RollbackOrdered ${event.data.code}`;
    default:
      return event.type;
  }
}

export const inPhase: Record<RolloutPhase, () => Rollout> = {
  rolling: () => rolloutOf(),
  rehearsing: () =>
    after(rolloutOf(pipeline({ rehearse: true })), [{ type: 'RehearsalStarted', data: { id: 'shop-1' } }]),
  baking: () => after(rolloutOf(), [{ type: 'BakeStarted', data: { id: 'shop-1', stage: 0 } }]),
  ready: () =>
    after(rolloutOf(pipeline({ stages: [stage('canary', { promote: 'manual' }), stage('pilot')] })), [
      { type: 'BakeStarted', data: { id: 'shop-1', stage: 0 } },
      {
        type: 'StagePassed',
        data: {
          id: 'shop-1',
          stage: 0,
          evidence: { change: 'sha256:c', stage: 'canary', at: 0, verdicts: [], exposure: {}, rehearsal: null },
        },
      },
    ]),
  rollingBack: () =>
    after(rolloutOf(), [{ type: 'RollbackOrdered', data: { id: 'shop-1', code: 'person', says: '', verdicts: [] } }]),
  rolledBack: () =>
    after(rolloutOf(), [
      { type: 'RollbackOrdered', data: { id: 'shop-1', code: 'person', says: '', verdicts: [] } },
      { type: 'RolledBack', data: { id: 'shop-1' } },
    ]),
  completed: () => after(rolloutOf(), [{ type: 'RolloutCompleted', data: { id: 'shop-1' } }]),
};

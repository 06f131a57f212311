import type { ApprovalBody } from '../../src/wire/http/approval.ts';
import type { ChangeBody } from '../../src/wire/http/change.ts';
import type { FreezeBody } from '../../src/wire/http/freeze.ts';
import type { HaltBody } from '../../src/wire/http/halt.ts';
import type { EventBody } from '../../src/wire/http/log.ts';
import type { PeopleBody } from '../../src/wire/http/people.ts';
import type { PipelineBody } from '../../src/wire/http/pipeline.ts';
import type { RolloutSummaryBody, RolloutViewBody } from '../../src/wire/http/rollout.ts';
import type { ServiceBody } from '../../src/wire/http/service.ts';
import type { SessionStateBody } from '../../src/wire/http/session.ts';

export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** What is on the screen is from before `since`. */
  | { readonly kind: 'lost'; readonly says: string; readonly since: number; readonly retryAt: number }
  | { readonly kind: 'signed-out'; readonly says: string | null };

/** All that is known of the control plane, but for the fleet, which is kept in columns (`fleet.ts`). */
export interface Live {
  readonly connection: Connection;
  /** When anything last came over the live stream; `null` before the first time. */
  readonly heardAt: number | null;
  /** `null` until the server has said. */
  readonly session: SessionStateBody | null;
  /** `null` until the first answers are in, and for who may not see them. */
  readonly facts: Facts | null;
}

export interface Facts {
  readonly halt: HaltBody['halt'];
  /** Newest first; at most `MOST_ROLLOUTS`. */
  readonly rollouts: readonly RolloutSummaryBody[];
  /** Of those that are under way, and of those that were looked at. */
  readonly views: ReadonlyMap<string, RolloutViewBody>;
  /** Newest first; at most `MOST_CHANGES`. */
  readonly changes: readonly ChangeBody[];
  readonly pipelines: readonly PipelineBody[];
  readonly services: readonly ServiceBody[];
  readonly approvals: readonly ApprovalBody[];
  readonly freezes: readonly FreezeBody[];
  /** Names by the ids of tokens. */
  readonly people: PeopleBody['people'];
  /** The end of the log, oldest first; at most `MOST_EVENTS`. */
  readonly events: readonly EventBody[];
}

export const MOST_ROLLOUTS = 200;
export const MOST_CHANGES = 1000;
export const MOST_EVENTS = 500;

export const NOTHING_YET: Live = { connection: { kind: 'connecting' }, heardAt: null, session: null, facts: null };

/** The rollouts with one of them as it stands now; first when it is new. */
export function summarised(
  rollouts: readonly RolloutSummaryBody[],
  { rollout, says }: RolloutViewBody,
): readonly RolloutSummaryBody[] {
  const { id, change, pipeline, phase, plan, holds, paused, rollback, startedBy, startedAt, endedAt } = rollout;
  const summary: RolloutSummaryBody = {
    ...{ id, service: change.service, change: { digest: change.digest, name: change.name }, pipeline: pipeline.name },
    ...{ phase, stage: plan[rollout.stage]?.name ?? '', stages: plan.length, holds, paused, rollback },
    ...{ startedBy, startedAt, endedAt, says },
  };
  return rollouts.some((known) => known.id === id)
    ? rollouts.map((known) => (known.id === id ? summary : known))
    : [summary, ...rollouts].slice(0, MOST_ROLLOUTS);
}

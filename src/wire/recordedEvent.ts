import type { DomainEvent, EventData, EventType, RecordedEvent } from '../core/record/event.ts';
import type { StoredEvent, UnstoredEvent } from './storedEvent.ts';
import { upcast } from './upcast.ts';

/** What each type of event is about: the stream it stands in. Exhaustive: a type without its stream does not compile. */
const STREAM_OF: { readonly [T in EventType]: (data: EventData[T]) => string } = {
  ServiceApplied: ({ service }) => `manifest/Service/${service.name}`,
  PipelineApplied: ({ pipeline }) => `manifest/Pipeline/${pipeline.name}`,
  ChangeApplied: ({ change }) => `change/${change.digest}`,
  FreezeApplied: ({ freeze }) => `manifest/Freeze/${freeze.name}`,
  FreezeRemoved: ({ name }) => `manifest/Freeze/${name}`,
  CatalogApplied: ({ catalog }) => `manifest/Catalog/${catalog.name}`,
  CatalogRemoved: ({ name }) => `manifest/Catalog/${name}`,
  TargetEnrolled: ({ target }) => `target/${target.uid}`,
  TargetRetired: ({ uid }) => `target/${uid}`,
  TokenIssued: ({ token }) => `token/${token.id}`,
  TokenRevoked: ({ id }) => `token/${id}`,
  SigningKeyAdded: ({ key }) => `key/${key.id}`,
  SigningKeyRetired: ({ id }) => `key/${id}`,
  CheckpointSigned: () => 'checkpoint',
  ApprovalGiven: ({ plan }) => `change/${plan.change}`,
  ApprovalRejected: ({ plan }) => `change/${plan.change}`,
  ApprovalWithdrawn: ({ plan }) => `change/${plan.change}`,
  BreakGlassAsked: ({ plan }) => `change/${plan.change}`,
  BreakGlassConfirmed: ({ plan }) => `change/${plan.change}`,
  BreakGlassEnded: ({ plan }) => `change/${plan.change}`,
  BreakGlassUsed: ({ id }) => `rollout/${id}`,
  LineHalted: () => 'line',
  LineLifted: () => 'line',
  RolloutStarted: ({ id }) => `rollout/${id}`,
  WaveOpened: ({ id }) => `rollout/${id}`,
  WaveWidened: ({ id }) => `rollout/${id}`,
  PaceChanged: ({ id }) => `rollout/${id}`,
  ReleaseWidened: ({ id }) => `rollout/${id}`,
  RehearsalStarted: ({ id }) => `rollout/${id}`,
  RehearsalProved: ({ id }) => `rollout/${id}`,
  BakeStarted: ({ id }) => `rollout/${id}`,
  StagePassed: ({ id }) => `rollout/${id}`,
  EvidenceSigned: ({ id }) => `rollout/${id}`,
  EvidenceRevoked: ({ id }) => `rollout/${id}`,
  PermitIssued: ({ id }) => `rollout/${id}`,
  HoldRaised: ({ id }) => `rollout/${id}`,
  HoldLifted: ({ id }) => `rollout/${id}`,
  HoldsAccepted: ({ id }) => `rollout/${id}`,
  TargetsFailed: ({ id }) => `rollout/${id}`,
  RolloutPaused: ({ id }) => `rollout/${id}`,
  RolloutResumed: ({ id }) => `rollout/${id}`,
  RollbackOrdered: ({ id }) => `rollout/${id}`,
  DigestQuarantined: ({ id }) => `rollout/${id}`,
  StragglersListed: ({ id }) => `rollout/${id}`,
  RolledBack: ({ id }) => `rollout/${id}`,
  RolloutCompleted: ({ id }) => `rollout/${id}`,
};

/** Everything that this version knows to be on a record. */
export const EVENT_TYPES: readonly string[] = Object.keys(STREAM_OF);

/** A domain event as it goes into the log. */
export function toUnstored(event: DomainEvent, at: number, actor: string): UnstoredEvent {
  const streamOf = STREAM_OF[event.type] as (data: unknown) => string;
  return { stream: streamOf(event.data), type: event.type, at, actor, data: event.data as UnstoredEvent['data'] };
}

/**
 * A stored event as the core reads it. Throws on a type this version does not know: a log written by a later version must not be
 * folded to something else than what it says. What earlier versions wrote comes as this one has it.
 */
export function fromStored(stored: StoredEvent): RecordedEvent {
  if (!(stored.type in STREAM_OF)) {
    throw new Error(
      `event ${stored.position} has type "${stored.type}", which this version does not know; use the version that wrote it, or a later one`,
    );
  }
  const { position, at, actor, type } = stored;
  return { position, at, actor, type, data: upcast(type, stored.data) } as unknown as RecordedEvent;
}

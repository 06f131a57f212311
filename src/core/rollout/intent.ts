import type { RecordedEvent } from '../record/event.ts';
import type { World } from '../record/world.ts';

/**
 * An effect, as data. The engine performs it after its event is durable, and again after a restart when it cannot know that it
 * did; so every intent says what is to be true, never what is to be done once.
 */
export type Intent = {
  /** Every target of the role is to hear the newest assignments. A rollback goes before everything else that waits to be sent. */
  readonly kind: 'publish';
  readonly service: string;
  readonly role: string;
  readonly urgent: boolean;
};

/** What an event demands, given the world after it. */
export function intentsOf(event: RecordedEvent, world: World): readonly Intent[] {
  switch (event.type) {
    case 'ServiceApplied':
      return event.data.service.roles.map((role) => ({
        kind: 'publish',
        service: event.data.service.name,
        role,
        urgent: false,
      }));
    case 'PermitIssued':
    case 'EvidenceRevoked':
    case 'WaveOpened':
    case 'WaveWidened':
    case 'RehearsalStarted':
    case 'RolloutCompleted':
      return publishRollout(world, event.data.id, false);
    case 'RollbackOrdered':
    case 'ReleaseWidened':
      return publishRollout(world, event.data.id, true);
    case 'RolledBack':
      return event.data.kept === undefined ? [] : publishRollout(world, event.data.id, false);
    case 'SigningKeyAdded':
    case 'SigningKeyRetired':
      return [...world.services.values()].flatMap(({ name, roles }) =>
        roles.map((role) => ({ kind: 'publish', service: name, role, urgent: false }) as const),
      );
    default:
      return [];
  }
}

function publishRollout(world: World, id: string, urgent: boolean): readonly Intent[] {
  const change = world.rollouts.get(id)?.change;
  return change === undefined
    ? []
    : change.roles.map((role) => ({ kind: 'publish', service: change.service, role, urgent }));
}

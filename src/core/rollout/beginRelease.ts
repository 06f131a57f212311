import type { Digest } from '../kernel/digest.ts';
import type { Service } from '../topology/service.ts';
import type { RolloutEvent } from './evolveRollout.ts';
import type { Release } from './release.ts';
import type { Rollout } from './rollout.ts';
import { releaseAfterMs } from './widenRelease.ts';

/**
 * Where the service asks for a floor, an order to go back begins with nobody but those who are unwell or in between; a rollback that
 * comes upon a rehearsal goes on where that has come to.
 */
export function beginRelease(rollout: Rollout, event: RolloutEvent, service: Service | undefined): Rollout {
  if (event.type !== 'RollbackOrdered' && event.type !== 'RehearsalStarted') return rollout;
  if (service?.capacity === undefined || rollout.change.irreversible !== undefined) return rollout;
  return { ...rollout, release: { below: rollout.release?.below ?? 0, at: event.at } };
}

/** As the assignment of one of its slots says it. */
export function releaseOf(rollout: Rollout, artifact: Digest): { readonly release?: Release } {
  const { id, release } = rollout;
  if (release === null || release.below >= 1 || rollout.endedAt !== null) return {};
  return { release: { rollout: id, artifact, below: release.below, afterMs: releaseAfterMs(rollout) } };
}

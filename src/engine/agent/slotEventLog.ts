import type { Content } from '../../core/agent/slot.ts';
import type { SlotEvent } from '../../core/agent/slotEvent.ts';
import { shortDigest } from '../../core/kernel/digest.ts';
import type { SlotName } from '../../core/topology/service.ts';
import type { Logger } from '../ports/logger.ts';

type Line = readonly [
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  data?: Readonly<Record<string, unknown>>,
];

/** Says what happened to a slot, for the people who run the agent. */
export function logSlotEvent(logger: Logger, slot: SlotName, event: SlotEvent): void {
  const [level, message, data] = lineOf(event);
  logger[level](`${slot}: ${message}`, { slot, event: event.type, ...data });
}

function lineOf(event: SlotEvent): Line {
  switch (event.type) {
    case 'AssignmentAccepted':
      return ['debug', `assignment of generation ${event.assignment.generation}`];
    case 'AssignmentRefused':
      return ['error', `assignment refused: ${event.says}`];
    case 'AssignmentIgnored':
      return ['debug', `assignment ignored: ${event.says}`];
    case 'ContactChanged':
      return ['debug', event.contact ? 'the server can be reached' : 'the server cannot be reached'];
    case 'Found':
      return event.content === null
        ? ['warn', 'what is in force cannot be read']
        : ['debug', `found ${named(event.content)}`];
    case 'MoveStarted':
      return ['info', `preparing ${named(event.move.to)}`, { digest: event.move.to, rollout: event.move.rollout }];
    case 'PrepareDelayed':
      return ['warn', `preparing is put off: ${event.says}`];
    case 'PrepareRetried':
      return ['debug', 'preparing again'];
    case 'MoveDropped':
      return ['info', 'not wanted any more; nothing was changed'];
    case 'MoveFailed':
      return [
        'error',
        `not applied (${event.failure.code}): ${event.failure.says}`,
        { digest: event.failure.artifact },
      ];
    case 'BaselineTaken':
      return ['info', `baseline is ${named(event.baseline.content)}`];
    case 'ApplyStarted':
      return ['debug', 'applying'];
    case 'Applied':
      return ['debug', 'applied; verifying'];
    case 'Verified':
      return ['debug', `verified by ${event.verifiedBy}; asking the local checks`];
    case 'BecameProvisional':
      return ['info', 'in force and well; waits for its confirmation'];
    case 'Confirmed':
      return ['info', 'confirmed'];
    case 'WatchStarted':
      return ['debug', 'the local checks still take it back'];
    case 'WatchEnded':
      return ['debug', 'settled'];
    case 'TrialRuns': {
      const against = Object.entries(event.strikes).filter(([, times]) => times > 0);
      if (against.length === 0) return ['debug', 'stands trial'];
      return ['warn', `stands trial; against it so far: ${against.map(([by, times]) => `${by} ${times}`).join(', ')}`];
    }
    case 'TrialEnded':
      return ['debug', 'has stood its trial'];
    case 'TriesForgotten':
      return ['debug', 'what failed here counts from the first time on again'];
    case 'RevertStarted': {
      const { revert, failure } = event;
      if (failure === null) return ['info', `going back to ${named(revert.to)}, as ordered`];
      return [
        'error',
        `going back to ${named(revert.to)} (${failure.code}): ${failure.says}`,
        { digest: failure.artifact },
      ];
    }
    case 'RevertTried':
      return ['warn', `going back, attempt ${event.attempt}: ${event.says}`];
    case 'RevertStuck':
      return ['error', `revert-failed: ${event.says}`];
    case 'TakenBack':
      return ['warn', `a person took ${named(event.content)} back here; it stays away until another change comes`];
    case 'Reverted':
      return ['info', `back, shown by ${event.verifiedBy}`];
    case 'Rested':
      return ['debug', event.phase];
  }
}

function named(content: Content): string {
  return content === 'absent' ? 'no file' : shortDigest(content);
}

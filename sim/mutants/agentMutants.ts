import { forwarding } from '../server/serverHost.ts';
import { type Mutant, replace } from './mutant.ts';

type DecideSlot = typeof import('../../src/core/agent/decideSlot.ts');
type SlotModule = typeof import('../../src/core/agent/slot.ts');
type Aim = typeof import('../../src/core/agent/aim.ts');
type JudgePermit = typeof import('../../src/core/policy/judgePermit.ts');

/** Bugs of the agent. */
export const agentMutants: readonly Mutant[] = [
  {
    law: 'law-5',
    says: 'the agent throws away the bytes it would go back to',
    withinSeeds: 5,
    faults: [],
    modules: [
      replace<SlotModule>('src/core/agent/slot.ts', () => ({
        contentsToKeep: ({ holds }) => new Set(holds === null ? [] : [holds]),
      })),
    ],
  },
  {
    law: 'law-9',
    says: 'an apply that is not confirmed in time stays (and the server confirms nothing)',
    withinSeeds: 5,
    faults: [],
    wraps: { fleet: (fleet) => forwarding(fleet, { confirmationsFor: () => [] }) },
    modules: [
      replace<DecideSlot>('src/core/agent/decideSlot.ts', ({ decideSlot }) => ({
        decideSlot: (slot, input, at) =>
          slot.phase.name === 'provisional' && input.kind === 'tick'
            ? { events: [{ type: 'BecameProvisional', until: at.now + 3_600_000 }], effect: null }
            : decideSlot(slot, input, at),
      })),
    ],
  },
  {
    law: 'law-18',
    says: 'a target tries again what has failed there',
    withinSeeds: 5,
    faults: [],
    modules: [
      replace<Aim>('src/core/agent/aim.ts', ({ aimOf }) => ({
        aimOf: (slot, target) => aimOf({ ...slot, failure: null }, target),
      })),
    ],
  },
  {
    law: 'law-21',
    says: 'an agent that loses the server goes back to its baseline',
    withinSeeds: 20,
    faults: ['partition', 'connection-breaks'],
    modules: [
      replace<DecideSlot>('src/core/agent/decideSlot.ts', ({ decideSlot }) => ({
        decideSlot: (slot, input, at) => {
          const { baseline, holds, phase } = slot;
          const isOff = input.kind === 'contactLost' && phase.name === 'settled' && baseline !== null;
          if (!isOff || baseline.content === holds) return decideSlot(slot, input, at);
          const revert = { to: baseline.content, leaving: holds, attempt: 1 };
          const until = at.now + at.limits.revertWithinMs;
          return {
            events: [
              { type: 'ContactChanged', contact: false },
              { type: 'RevertStarted', revert, failure: null, until },
            ],
            effect: { do: 'revert', revert },
          };
        },
      })),
    ],
  },
  {
    law: 'law-23',
    says: 'an agent asks neither for a permit nor what its own file forbids: what is ordered is done',
    withinSeeds: 20,
    faults: ['two-servers', 'corrupt-rings', 'stale-rings'],
    modules: [
      replace<JudgePermit>('src/core/policy/judgePermit.ts', () => ({
        judgePermits: () => ({ candidate: { granted: true }, lastKnownGood: { granted: true } }),
      })),
    ],
  },
];

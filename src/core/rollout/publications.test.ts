import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RecordedEvent } from '../record/event.ts';
import { EMPTY_WORLD } from '../record/evolveWorld.ts';
import { recorded, rolloutOf } from './fixtures.ts';
import { publicationsOf } from './publications.ts';

const WORLD = { ...EMPTY_WORLD, rollouts: new Map([['shop-1', rolloutOf()]]) };
const id = 'shop-1';
const widened = recorded(5, 0, { type: 'WaveWidened', data: { id, below: 0.5, targets: 1, absent: [] } });
const permit = { type: 'PermitIssued', data: { id } } as unknown as RecordedEvent;
const waveOpened = recorded(6, 0, { type: 'WaveOpened', data: { id, stage: 0, wave: 0, below: 1, absent: [] } });
const released = recorded(8, 0, { type: 'ReleaseWidened', data: { id, below: 0.5, targets: 1 } });
const rollback = recorded(7, 0, { type: 'RollbackOrdered', data: { id, code: 'person', says: '', verdicts: [] } });

describe('who hears of what was appended together', () => {
  const cases: readonly (readonly [readonly RecordedEvent[], string, boolean, string])[] = [
    [[widened, permit], 'moved', false, 'a step within a wave is told to those whom it moves, its permit with it'],
    [[permit], 'everyone', false, 'a permit that is renewed is for everyone'],
    [[widened, permit, waveOpened], 'everyone', false, 'whatever else is for everyone'],
    [[released], 'everyone', true, 'law 5: who waits with going back hears that the others go'],
    [[rollback], 'everyone', true, 'law 5: a rollback goes to everyone, before all else'],
    [[widened, rollback], 'everyone', true, 'law 5: and is not kept back by a step that it takes back'],
  ];
  for (const [events, reach, urgent, why] of cases) {
    it(why, () =>
      assert.deepEqual(
        publicationsOf(events, WORLD).map((one) => [one.role, one.reach, one.urgent]),
        ['api', 'web'].map((role) => [role, reach, urgent]),
      ),
    );
  }
});

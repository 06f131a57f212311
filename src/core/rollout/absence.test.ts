import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { place } from '../kernel/place.ts';
import { type Absence, contactAtOpening, takeContact, wasTold } from './absence.ts';
import { TARGETS } from './fixtures.ts';
import type { Standing } from './tally.ts';

const ROLLOUT = 'shop-1';
const FLEET = TARGETS.slice(0, 8);

/** What is known of a target, and what is true of it. */
interface Model {
  connected: boolean;
  contactAt: number;
  opened: boolean;
  told: boolean;
  /** Whether the record knows that it was told. */
  kept: boolean;
}

describe('law 10: whose silence means something', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ is: fc.constantFrom('connect', 'lose'), index: fc.nat(FLEET.length - 1) }) },
    { weight: 2, arbitrary: fc.record({ is: fc.constant('open' as const), below: fc.constantFrom(0.2, 0.5, 0.8, 1) }) },
    { weight: 1, arbitrary: fc.constant({ is: 'restart' as const }) },
    { weight: 1, arbitrary: fc.constant({ is: 'append' as const }) },
  );

  it('is that of everybody who was there when its part was opened, or came later; whatever happens, and after restarts', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (story) => {
        let position = 10;
        let absence: Absence = new Map();
        let named = 0;
        const models = new Map<string, Model>();
        for (const { uid } of FLEET)
          models.set(uid, { connected: false, contactAt: -1, opened: false, told: false, kept: false });
        const standingOf = (uid: string): Standing | null => {
          const target = FLEET.find((each) => each.uid === uid);
          const model = models.get(uid);
          if (target === undefined || model === undefined) return null;
          const { connected, contactAt } = model;
          return { target, connected, contactAt, lostAt: connected ? null : 0, slots: null, failingChecks: [] };
        };
        for (const each of story) {
          if (each.is === 'append') position++;
          else if (each.is === 'restart') {
            for (const model of models.values())
              Object.assign(model, { connected: false, contactAt: -1, told: model.kept });
          } else if (each.is === 'open') {
            const opening = { stage: 'all', targets: {}, below: each.below };
            const cutOff = [...models].filter(([, { connected, opened, told }]) => !connected && !(opened && told));
            const uids = cutOff.map(([uid]) => uid);
            const contact = contactAtOpening({ id: ROLLOUT, absent: absence }, opening, uids, standingOf);
            named += contact.absent.length + contact.returned.length;
            absence = takeContact(absence, contact, ++position);
            for (const [uid, model] of models) {
              const covered = place(ROLLOUT, uid) < each.below;
              if (covered && !model.opened) Object.assign(model, { opened: true, told: model.connected });
              model.kept = model.told;
            }
          } else {
            const model = models.get(FLEET[each.index]?.uid ?? '') ?? assert.fail();
            if (model.connected && each.is === 'lose') model.contactAt = position;
            model.connected = each.is === 'connect';
            if (model.connected && model.opened) model.told = true;
          }
          for (const [uid, { opened, told }] of models)
            if (opened) assert.equal(wasTold(absence, standingOf(uid) ?? assert.fail()), told, uid);
        }
        assert.ok(
          named <= 2 * FLEET.length,
          'each is named once as absent, and once as returned, however many openings',
        );
      }),
      { numRuns: 300 },
    );
  });

  it('is told by the record of earlier versions too, which named everybody absent in each opening', () => {
    const first = takeContact(new Map(), { absent: ['a', 'b'] }, 5);
    const second = takeContact(first, { absent: ['b', 'c'] }, 9);
    assert.deepEqual(
      [...second],
      [
        ['b', 5],
        ['c', 9],
      ],
    );
    const today = takeContact(second, { absent: ['d'], returned: ['b'] }, 12);
    assert.deepEqual(
      [...today],
      [
        ['c', 9],
        ['d', 12],
      ],
    );
    assert.equal(takeContact(today, { absent: [], returned: [] }, 14), today, 'nobody came or went: the same');
  });

  it('and of nobody that is gone for good', () => {
    const opening = { stage: 'all', targets: {}, below: 1 };
    const contact = contactAtOpening({ id: ROLLOUT, absent: new Map([['x', 3]]) }, opening, ['x'], () => null);
    assert.deepEqual(contact, { absent: [], returned: ['x'] });
  });
});

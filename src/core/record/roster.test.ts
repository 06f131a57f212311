import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { nameKey, type Target } from '../topology/target.ts';
import { EMPTY_WORLD } from './evolveWorld.ts';
import { RosterDraft } from './roster.ts';

it('what is looked up about targets is what their list says, whoever enrols anew, is renamed or retires', () => {
  const digit = fc.nat(5).map(String);
  const target: fc.Arbitrary<Target> = fc.record({
    uid: digit,
    name: digit.map((each) => `shop-${each}`),
    service: fc.constantFrom('shop', 'pay'),
    role: fc.constantFrom('web', 'api'),
    labels: fc.constant({}),
  });
  const step = fc.oneof(target, fc.record({ retired: digit }), fc.constant('next' as const));
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let draft = new RosterDraft(EMPTY_WORLD);
      const model = new Map<string, Target>();
      for (const each of steps) {
        if (each === 'next') {
          draft = new RosterDraft(draft.done());
        } else if ('retired' in each) {
          draft.retire(each.retired);
          model.delete(each.retired);
        } else {
          // As enrolling decides it: a name has one target at most.
          for (const other of model.values())
            if (nameKey(other) === nameKey(each) && other.uid !== each.uid) {
              draft.retire(other.uid);
              model.delete(other.uid);
            }
          draft.enrol(each);
          model.set(each.uid, each);
        }
      }
      const { targets, targetNames, roleSizes } = draft.done();
      assert.deepEqual(new Map(targets), model);
      assert.deepEqual(new Map(targetNames), new Map([...model.values()].map((each) => [nameKey(each), each.uid])));
      const roles = Map.groupBy(model.values(), ({ service, role }) => `${service}/${role}`);
      assert.deepEqual(roleSizes, new Map([...roles].map(([role, members]) => [role, members.length])));
    }),
  );
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hash32 } from './hash32.ts';
import { SharedMap, SharedMapDraft } from './sharedMap.ts';

const same = (map: SharedMap<number>, model: ReadonlyMap<string, number>) => {
  assert.equal(map.size, model.size);
  assert.deepEqual(new Map(map), model);
  assert.deepEqual(new Set(map.keys()), new Set(model.keys()));
  assert.equal([...map.values()].length, model.size);
};

describe('a map that shares', () => {
  const change = fc.oneof(
    fc.record({ set: fc.nat(150).map(String), to: fc.nat(9) }),
    fc.record({ delete: fc.nat(150).map(String) }),
    fc.constant('done' as const),
  );

  it('holds what a plain map would hold, and every earlier one stays as it was', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 400 }), (changes) => {
        const model = new Map<string, number>();
        const kept: { map: SharedMap<number>; model: ReadonlyMap<string, number> }[] = [];
        let draft = new SharedMapDraft(new SharedMap<number>());
        for (const each of changes) {
          if (each === 'done') {
            const map = draft.done();
            kept.push({ map, model: new Map(model) });
            // Both ways of going on: with the same draft, and with a new one.
            if (kept.length % 2 === 0) draft = new SharedMapDraft(map);
          } else if ('set' in each) {
            draft.set(each.set, each.to);
            model.set(each.set, each.to);
          } else {
            draft.delete(each.delete);
            model.delete(each.delete);
          }
        }
        same(draft.done(), model);
        for (const { map, model: before } of kept) same(map, before);
      }),
      { numRuns: 200 },
    );
  });

  it('finds what is there and nothing else, also among very many and where hashes are the same', () => {
    const draft = new SharedMapDraft(new SharedMap<number>());
    for (let index = 0; index < 20_000; index++) draft.set(`target-${index}`, index);
    const map = draft.done();
    assert.equal(map.size, 20_000);
    assert.equal(map.get('target-19999'), 19_999);
    assert.equal(map.has('target-20000'), false);
    const [one, other] = collision();
    const both = SharedMap.from(new Map([...map, [one, 1], [other, 2]]));
    assert.deepEqual([both.get(one), both.get(other), both.size], [1, 2, 20_002]);
  });

  it('is the same data when the same happened to it, however that was cut into drafts', () => {
    const keys = Array.from({ length: 200 }, (_, index) => `k${index}`);
    const whole = new SharedMapDraft(new SharedMap<number>());
    let map = new SharedMap<number>();
    for (const [index, key] of keys.entries()) {
      whole.set(key, index);
      const draft = new SharedMapDraft(map);
      draft.set(key, index);
      map = draft.done();
    }
    assert.deepEqual(map, whole.done());
    assert.notDeepEqual(map, new SharedMap());
  });
});

/** Two texts with the same hash. */
function collision(): readonly [string, string] {
  const seen = new Map<number, string>();
  for (let index = 0; ; index++) {
    const text = `c${index}`;
    const other = seen.get(hash32(text));
    if (other !== undefined) return [other, text];
    seen.set(hash32(text), text);
  }
}

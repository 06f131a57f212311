import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, sameData } from './canonicalJson.ts';

/** The same with its members in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).map(([key, member]) => [key, shuffled(member)] as const);
  return Object.fromEntries(members.reverse());
}

describe('the one spelling of a value', () => {
  it('says all of it, and nothing of the order of its members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const spelt = canonicalJson(value);
        assert.deepEqual(JSON.parse(spelt), JSON.parse(JSON.stringify(value)));
        assert.equal(canonicalJson(shuffled(value)), spelt);
        assert.equal(canonicalJson(JSON.parse(spelt)), spelt);
        assert.ok(sameData(value, shuffled(value)));
      }),
      { numRuns: 500 },
    );
  });

  it('has members in the order of code units, no white space, and leaves out what is undefined', () => {
    const value = { b: 1, a: [undefined, { z: undefined, '\u{1F600}': 'x', '\uFB33': 'y' }], '': null, 10: 1, 9: 1 };
    assert.equal(canonicalJson(value), '{"":null,"10":1,"9":1,"a":[null,{"\u{1F600}":"x","\uFB33":"y"}],"b":1}');
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isOpenedAt } from '../rollout/assignment.ts';
import { partOfUser, partsOf } from './userShares.ts';

test('parts are called by their role and ring, in an order that does not depend on how they were written', () => {
  const names = ({ name }: { readonly name: string }) => name;
  assert.deepEqual(partsOf('users', { rest: 2, canary: 1 }).map(names), [
    'users-canary-1',
    'users-rest-1',
    'users-rest-2',
  ]);
  assert.deepEqual(partsOf('users', { rest: 2, canary: 1 }), partsOf('users', { canary: 1, rest: 2 }));
});

test('users fall evenly on the parts, always on the same one', () => {
  const counts = new Array<number>(10).fill(0);
  for (let user = 0; user < 20_000; user++) {
    const part = partOfUser('shop', 'users', 10, `user-${user}`);
    assert.equal(partOfUser('shop', 'users', 10, `user-${user}`), part);
    counts[part] = (counts[part] ?? 0) + 1;
  }
  for (const count of counts) assert.ok(Math.abs(count - 2000) < 200, `one part has ${count} of 20000 users`);
});

test('a rollout that opens further never takes a user back out, whichever part they are in', () => {
  const border = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.string(), border, border, (parts, user, a, b) => {
      const part = partOfUser('shop', 'users', parts, user);
      assert.ok(part >= 0 && part < parts);
      const where = part / parts;
      const opened = (below: number) => isOpenedAt(where, [{ stage: 'all', targets: {}, below }], {});
      if (opened(Math.min(a, b))) assert.ok(opened(Math.max(a, b)));
    }),
  );
});

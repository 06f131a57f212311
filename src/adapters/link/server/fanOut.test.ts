import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FanOut } from './fanOut.ts';

test('agents are woken once each, those of a roll-back before everything that waited already', async () => {
  const woken: string[] = [];
  const fanOut = new FanOut((uid, urgent) => woken.push(urgent ? `${uid}!` : uid));
  for (let index = 0; index < 300; index++) fanOut.add(`other-${index}`, 'other');
  fanOut.add('b', 'changed');
  fanOut.add('b', 'other');
  fanOut.add('a', 'changed');
  fanOut.add('a', 'urgent');
  fanOut.add('other-0', 'changed');
  await nextTurn();
  assert.deepEqual(woken.slice(0, 4), ['a!', 'b', 'other-0', 'other-1']);
  assert.equal(woken.length, 200, 'a turn has an end');
  fanOut.add('late', 'urgent');
  await nextTurn();
  assert.deepEqual(woken.slice(200, 201), ['late!'], 'what became urgent meanwhile goes first');
  assert.equal(new Set(woken).size, woken.length);
  assert.equal(woken.length, 303);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Sequence } from './sequence.ts';

const asked = (sequence: Sequence, numbers: readonly number[]) =>
  numbers.map((number) => {
    sequence.follow(BigInt(number));
    return sequence.takeQuestion();
  });

const cases: readonly [numbers: readonly number[], asked: readonly boolean[], why: string][] = [
  [[0, 1, 2], [true, false, false], 'an agent that starts at 0 is unknown once'],
  [[1, 2, 3], [true, false, false], 'an agent that starts at 1 as well'],
  [[700, 701], [true, false], 'an agent that we forgot'],
  [[1, 2, 4, 5], [true, false, true, false], 'a gap'],
  [[1, 3, 4, 5], [true, false, true, false], 'the answer to the question was lost: asked again once it counts'],
  [[1, 2, 2, 3], [true, false, true, false], 'a repetition'],
  [[1, 2, 1, 2], [true, false, true, false], 'an agent that started again'],
  [[5, 5, 5, 5], [true, false, false, false], 'one that never counts is asked once, not in a loop'],
  [[9, 7, 5, 3], [true, false, false, false], 'nor one that counts down'],
];

for (const [numbers, expected, why] of cases) {
  test(`full state: ${why}: ${numbers}`, () => assert.deepEqual(asked(new Sequence(), numbers), expected));
}

test('full state: a new connection may be asked again', () => {
  const sequence = new Sequence();
  assert.deepEqual(asked(sequence, [5, 5]), [true, false]);
  sequence.mayAskAgain();
  assert.deepEqual(asked(sequence, [5, 5]), [true, false]);
});

test('full state: a reconnect that counts on is not asked', () => {
  const sequence = new Sequence();
  asked(sequence, [1, 2]);
  sequence.mayAskAgain();
  assert.deepEqual(asked(sequence, [3]), [false]);
});

test('full state: never asked twice without a message in order between', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4), { maxLength: 40 }), (numbers) => {
      const answers = asked(new Sequence(), numbers);
      let counted = true;
      for (const [index, answer] of answers.entries()) {
        const previous = numbers[index - 1];
        if (previous !== undefined && numbers[index] === previous + 1) counted = true;
        if (answer) {
          assert.ok(counted, `${numbers} asks without end`);
          counted = false;
        }
      }
    }),
  );
});

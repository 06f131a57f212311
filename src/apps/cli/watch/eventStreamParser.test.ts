import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventStreamParser } from './eventStreamParser.ts';

const CASES: readonly (readonly [
  stream: string,
  expected: readonly (readonly [event: string, data: string, id: string])[],
  why: string,
])[] = [
  ['data: a\n\n', [['message', 'a', '']], 'the least there is'],
  ['event: appended\nid: 7\ndata: {}\n\n', [['appended', '{}', '7']], 'name, id and data'],
  [
    'id: 7\ndata: a\n\ndata: b\n\n',
    [
      ['message', 'a', '7'],
      ['message', 'b', '7'],
    ],
    'an id stays until the next one',
  ],
  ['data: a\ndata: b\n\n', [['message', 'a\nb', '']], 'data of several lines'],
  [
    'data: a\r\n\r\ndata: b\r\rdata: c\n\n',
    [
      ['message', 'a', ''],
      ['message', 'b', ''],
      ['message', 'c', ''],
    ],
    'all three line ends',
  ],
  [
    'event: appended\r\ndata: a\r\n\r\n',
    [['appended', 'a', '']],
    'CRLF is one line end, also when it comes in two pieces',
  ],
  [': alive\n\n: alive\n\n', [], 'comments are nothing'],
  ['event: appended\n\ndata: a\n\n', [['message', 'a', '']], 'a name without data is forgotten'],
  ['data\n\n', [['message', '', '']], 'a field without a colon'],
  ['data:  two\n\n', [['message', ' two', '']], 'one space after the colon goes, not two'],
  ['\ufeffdata: a\n\n', [['message', 'a', '']], 'a byte order mark at the start'],
  ['retry: 5\nunknown: x\ndata: a\n\n', [['message', 'a', '']], 'fields that are not known'],
  ['data: never ended', [], 'what has not ended is not there yet'],
];

for (const [stream, expected, why] of CASES) {
  test(`event stream: ${why}, in one piece and in every two`, () => {
    const read = (pieces: readonly string[]) => {
      const parser = new EventStreamParser();
      return pieces
        .flatMap((piece) => parser.feed(piece))
        .map(({ event, data, lastEventId }) => [event, data, lastEventId]);
    };
    for (let cut = 0; cut <= stream.length; cut++)
      assert.deepEqual(read([stream.slice(0, cut), stream.slice(cut)]), expected);
    assert.deepEqual(read([...stream]), expected);
  });
}

test('event stream: any data comes through, whatever the pieces', () => {
  const line = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), fc.array(fc.nat(40)), (lines, cuts) => {
      const stream = lines.map((text) => `data: ${text}\n\n`).join('');
      const parser = new EventStreamParser();
      const got: string[] = [];
      let rest = stream;
      for (const cut of [...cuts, rest.length]) {
        got.push(...parser.feed(rest.slice(0, cut)).map(({ data }) => data));
        rest = rest.slice(cut);
      }
      got.push(...parser.feed(rest).map(({ data }) => data));
      assert.deepEqual(got, lines);
    }),
  );
});

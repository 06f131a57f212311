import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { glyphsFor, meter } from './glyphs.ts';
import { lineWidth, paint, segment, truncateLine } from './styledLine.ts';
import { type Column, table } from './table.ts';

const text = (lines: ReturnType<typeof table>) => lines.map((line) => paint(line, false));

test('table: columns are as wide as what is in them, numbers stand right', () => {
  const columns: Column[] = [{ title: 'STAGE' }, { title: 'TARGETS', align: 'right' }, { title: 'SELECTS' }];
  const rows = [
    ['canary', '2', 'ring=canary'],
    ['設定', '16', 'ring=broad'],
  ];
  assert.deepEqual(text(table(columns, rows, 80)), [
    'STAGE   TARGETS  SELECTS',
    'canary        2  ring=canary',
    '設定         16  ring=broad',
  ]);
});

test('table: the widest column that may be cut is cut, others stay whole', () => {
  const columns: Column[] = [{ title: 'ID' }, { title: 'SAYS', shrinkTo: 8 }];
  assert.deepEqual(text(table(columns, [['shop-2', 'waiting for targets to confirm']], 24)), [
    'ID      SAYS',
    'shop-2  waiting for tar…',
  ]);
});

test('table: control characters in a cell are not printed', () => {
  assert.deepEqual(text(table([{ title: 'NAME' }], [['\x1b[2Jweb\n-1']], 80)), ['NAME', 'web -1']);
});

test('table: no line is wider than it was told to be, whatever is in it', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '設', ' ', '🚀', '-'), maxLength: 40 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }),
      fc.integer({ min: 1, max: 60 }),
      (rows, width) => {
        const columns: Column[] = [{ title: 'A' }, { title: 'LONGER', shrinkTo: 4 }, { title: 'C', align: 'right' }];
        for (const line of table(columns, rows, width)) assert.ok(lineWidth(line) <= width);
      },
    ),
  );
});

test('styled lines: cut by columns, painted only when asked, spaces at a segment’s ends kept', () => {
  const line = [segment('✓ ', 'good'), segment('設定 done', 'strong')];
  assert.equal(paint(truncateLine(line, 6), false), '✓ 設…');
  assert.equal(paint(line, true), '\x1b[32m✓ \x1b[0m\x1b[1m設定 done\x1b[0m');
  assert.equal(paint([segment('  \x1b[1mx\x07  '), segment('y')], false), '  x  y');
});

const METERS: readonly (readonly [share: number, expected: string, why: string])[] = [
  [0, '----', 'nothing'],
  [0.001, '#---', 'a little is not nothing'],
  [0.5, '##--', 'half'],
  [0.999, '###-', 'almost is not all'],
  [1, '####', 'all'],
  [7, '####', 'more than all'],
];

for (const [share, expected, why] of METERS) {
  test(`meter: ${why}`, () => assert.equal(meter(share, 4, glyphsFor({ TERM: 'linux' })), expected));
}

test('glyphs are plain where the locale is not UTF-8, and only there', () => {
  assert.equal(glyphsFor({ LANG: 'C' }).done, '+');
  assert.equal(glyphsFor({ LC_ALL: 'POSIX', LANG: 'en_US.UTF-8' }).done, '+');
  assert.equal(glyphsFor({ LANG: 'C.UTF-8' }).done, '✓');
  assert.equal(glyphsFor({}).done, '✓');
});

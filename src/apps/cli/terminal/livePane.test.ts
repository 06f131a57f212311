import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Screen } from '../testing/screen.ts';
import { type Drawn, NOTHING_DRAWN, redraw } from './livePane.ts';
import { segment } from './styledLine.ts';

const lines = (...texts: string[]) => texts.map((text) => [segment(text)]);

test('a frame replaces the one before, in place; what stays is pushed above it', () => {
  const screen = new Screen(40);
  const size = { columns: 40, rows: 24 };
  let drawn: Drawn = NOTHING_DRAWN;
  const show = (above: string[], moving: string[]) => {
    const next = redraw(drawn, { above: lines(...above), lines: lines(...moving) }, size, false);
    drawn = next.drawn;
    screen.write(next.bytes);
    return screen.rows.join('\n');
  };
  assert.equal(show([], ['rolling', 'a longer line']), 'rolling\na longer line\n');
  assert.equal(show([], ['baking']), 'baking\n');
  assert.equal(show(['14:03 wave opened'], ['baking', 'now']), '14:03 wave opened\nbaking\nnow\n');
  assert.equal(show(['14:04 passed'], ['done']), '14:03 wave opened\n14:04 passed\ndone\n');
});

test('whatever is shown one after the other, the screen ends with exactly what stays and the last frame', () => {
  const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 60 }), { maxLength: 30 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(words, words), { maxLength: 6 }),
      fc.integer({ min: 10, max: 50 }),
      (frames, columns) => {
        const screen = new Screen(columns);
        const size = { columns, rows: 12 };
        let drawn: Drawn = NOTHING_DRAWN;
        const stays: string[] = [];
        let last: readonly string[] = [];
        const cut = (text: string) => (text.length > columns - 1 ? `${text.slice(0, columns - 2)}…` : text);
        for (const [above, moving] of frames) {
          const next = redraw(drawn, { above: lines(...above), lines: lines(...moving) }, size, false);
          drawn = next.drawn;
          screen.write(next.bytes);
          stays.push(...above.map(cut));
          last =
            moving.length <= 11
              ? moving.map(cut)
              : [
                  ...moving.slice(0, 10).map(cut),
                  cut(`… ${moving.length - 10} more lines; make the window higher to see them`),
                ];
        }
        assert.deepEqual(screen.rows.slice(0, -1), [...stays, ...last]);
      },
    ),
    { numRuns: 300 },
  );
});

test('a window made narrower has folded the old lines: they are all drawn over', () => {
  const wide = redraw(
    NOTHING_DRAWN,
    { above: [], lines: lines('x'.repeat(70), 'short') },
    { columns: 80, rows: 24 },
    false,
  );
  const narrow = redraw(wide.drawn, { above: [], lines: lines('y') }, { columns: 30, rows: 24 }, false);
  assert.ok(narrow.bytes.includes('\x1b[4A'), 'three rows of the folded line and one of the short one');
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addStep, orderedAt, type Step } from './steps.ts';

const DEADLINE_MS = 32_000;
const take = (opened: readonly (readonly [below: number, at: number])[]) =>
  opened.reduce<readonly Step[]>((steps, [below, at]) => addStep(steps, { below, at }, DEADLINE_MS), []);

describe('the steps of a wave', () => {
  it('law 10: a target is due by the step that ordered it, not by the first or the last one', () => {
    const steps = take([
      [0.1, 0],
      [0.5, 10_000],
      [1, 20_000],
    ]);
    assert.deepEqual(
      [0.05, 0.1, 0.49, 0.99, 1].map((place) => orderedAt(steps, place)),
      [0, 10_000, 10_000, 20_000, null],
    );
  });

  it('law 10: however many steps there are, few are kept, and nobody gets less than its time or much more', () => {
    const anyStory = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(anyStory, (pauses) => {
        let now = 0;
        const opened = pauses.map((pause, index): readonly [number, number] => {
          now += pause;
          return [(index + 1) / pauses.length, now];
        });
        const steps = take(opened);
        assert.ok(steps.length <= 35, `${steps.length} steps`);
        for (const [below, at] of opened) {
          const counted = orderedAt(steps, below - 0.5 / pauses.length);
          assert.ok(counted !== null && counted >= at, 'not before it was ordered');
          const over = at + DEADLINE_MS <= now;
          if (over) assert.ok(counted + DEADLINE_MS <= now, 'who was due is due');
          else assert.ok(counted <= at + DEADLINE_MS / 32, 'hardly later than it was ordered');
        }
      }),
    );
  });
});
